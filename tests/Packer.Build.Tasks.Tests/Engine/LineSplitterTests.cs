using System.Text;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class LineSplitterTests
{
    [TestMethod]
    [DataRow("", new string[0])]
    [DataRow("one\ntwo\n", new[] { "one", "two" })]
    [DataRow("one\r\ntwo", new[] { "one", "two" })]
    [DataRow("one\r\r\ntwo", new[] { "one", "two" })]
    [DataRow("\n\n", new[] { "", "" })]
    [DataRow("1%\r2%\r3%\ndone\n", new[] { "3%", "done" })]
    [DataRow("1%\r2%\r", new[] { "2%" })]
    [DataRow("größer ≥ 😀\n", new[] { "größer ≥ 😀" })]
    public async Task LinesAreCut(string text, string[] expected)
    {
        // Byte by byte, too: a line end or a character may be cut by any read.
        foreach (var size in (int[])[1, 3, 1000])
        {
            var lines = new List<string>();
            await new LineSplitter(lines.Add).ReadAsync(new SlowStream(Encoding.UTF8.GetBytes(text), size), default);
            CollectionAssert.AreEqual(expected, lines);
        }
    }

    [TestMethod]
    public async Task LongLinesComeInPiecesWithoutLoss()
    {
        var text = string.Concat(Enumerable.Repeat("x😀", 100_000));
        var lines = new List<string>();
        await new LineSplitter(lines.Add).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text + "\nend\n")), default);
        Assert.AreEqual("end", lines[^1]);
        Assert.AreEqual(text, string.Concat(lines[..^1]));
        Assert.IsTrue(lines.All(line => line.Length <= LineSplitter.LongestLine && !line.Contains('\uFFFD') && !char.IsLowSurrogate(line[0])));
    }

    [TestMethod]
    public async Task BytesThatAreNoTextAreReplaced()
    {
        var lines = new List<string>();
        await new LineSplitter(lines.Add).ReadAsync(new MemoryStream([(byte)'a', 0xFF, (byte)'b', (byte)'\n', 0xC3]), default);
        CollectionAssert.AreEqual(new[] { "a\uFFFDb", "\uFFFD" }, lines);
    }

    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
