using Packer.Engine.Reports;

namespace Packer.Tests.Reports;

[TestClass]
public sealed class TreeMapTests
{
    private static readonly MapArea Whole = new(0, 0, 100, 50);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(17)]
    [DataRow(400)]
    public void Areas_are_in_proportion_fill_the_whole_and_do_not_overlap(int count)
    {
        var random = new Random(count);
        var sizes = Enumerable.Range(0, count).Select(_ => (long)Math.Pow(10, random.NextDouble() * 7) + 1).OrderDescending().ToList();

        var areas = TreeMap.Layout(sizes, Whole);

        var total = sizes.Sum();
        foreach (var (index, area) in areas.Index())
        {
            Assert.AreEqual(Whole.Area * sizes[index] / total, area.Area, 1e-6);
            Assert.IsTrue(area.Left >= -1e-6 && area.Top >= -1e-6 && area.Left + area.Width <= Whole.Width + 1e-6 && area.Top + area.Height <= Whole.Height + 1e-6, $"{area} leads out.");
            foreach (var other in areas.Take(index))
                Assert.IsFalse(area.Left + 1e-6 < other.Left + other.Width && other.Left + 1e-6 < area.Left + area.Width && area.Top + 1e-6 < other.Top + other.Height && other.Top + 1e-6 < area.Top + area.Height, $"{area} overlaps {other}.");
        }
        CollectionAssert.AreEqual(areas.ToList(), TreeMap.Layout(sizes, Whole).ToList());
    }

    [TestMethod]
    public void Equal_sizes_make_squares()
    {
        foreach (var area in TreeMap.Layout([5, 5, 5, 5, 5, 5, 5, 5], Whole)) Assert.AreEqual(1, area.Width / area.Height, 1e-6);
    }

    [TestMethod]
    public void Nothing_takes_no_room()
    {
        Assert.IsEmpty(TreeMap.Layout([], Whole));
        Assert.AreEqual(0, TreeMap.Layout([0, 0], Whole).Sum(area => area.Area));
        Assert.AreEqual(0, TreeMap.Layout([10, 0], Whole)[1].Area);
        Assert.AreEqual(0, TreeMap.Layout([10, 5], new MapArea(0, 0, 0, 0)).Sum(area => area.Area));
    }
}
