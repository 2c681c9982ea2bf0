using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class SourceTests
{
    [TestMethod]
    public void A_concatenation_reads_across_its_parts()
    {
        var bytes = Samples.Bytes(1000);
        var source = new ConcatSource([new BytesSource(bytes.AsMemory(0, 10)), BytesSource.Empty, new BytesSource(bytes.AsMemory(10, 500)), new BytesSource(bytes.AsMemory(510))]);
        BytesAssert.AreEqual(bytes, source.ReadAll());
        for (var offset = 0; offset <= 990; offset += 7)
        {
            var part = new byte[Math.Min(503, 1000 - offset)];
            source.Read(offset, part);
            BytesAssert.AreEqual(bytes[offset..(offset + part.Length)], part);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => source.Read(999, new byte[2]));
    }

    [TestMethod]
    public void Holes_are_seen_through_images_and_concatenations()
    {
        var inner = new SparseImage(100);
        inner.Add(20, new byte[10]);
        var outer = new SparseImage(500);
        outer.Add(0, new byte[5]);
        outer.Add(100, inner);
        outer.Add(200, inner, 25, 50);
        outer.Add(300, new ConcatSource([inner, inner]));
        CollectionAssert.AreEqual(
            new DataRange[] { new(0, 5), new(120, 10), new(200, 5), new(320, 10), new(420, 10) },
            outer.DataRanges().ToArray());
    }

    [TestMethod]
    public void Runs_that_touch_are_one_range()
    {
        var image = new SparseImage(100);
        image.Add(10, new byte[10]);
        image.Add(20, new byte[10]);
        CollectionAssert.AreEqual(new DataRange[] { new(10, 20) }, image.DataRanges().ToArray());
        Assert.AreEqual(10, image.NextData(0));
        Assert.AreEqual(30, image.NextHole(15));
        Assert.AreEqual(100, image.NextData(30));
        Assert.IsEmpty(new SparseImage(10).DataRanges());
    }

    [TestMethod]
    public void Runs_added_in_any_order_read_as_if_written_to_a_file()
    {
        var random = new Random(3);
        var expected = new byte[100_000];
        var image = new SparseImage(expected.Length);
        foreach (var slot in Enumerable.Range(0, 100).OrderBy(_ => random.Next()))
        {
            var bytes = Samples.Bytes(random.Next(1, 1001), slot);
            bytes.CopyTo(expected, slot * 1000);
            if (slot % 3 != 0)
            {
                image.Add(slot * 1000, bytes);
                continue;
            }
            var nested = new SparseImage(1000);
            nested.Add(0, bytes);
            image.AddImage(slot * 1000, nested);
        }
        BytesAssert.AreEqual(expected, image.ReadAll());
        for (var index = 0; index < 1000; index++)
        {
            var offset = random.Next(expected.Length);
            var part = Samples.Bytes(random.Next(expected.Length - offset));
            image.Read(offset, part);
            BytesAssert.AreEqual(expected[offset..(offset + part.Length)], part);
        }
    }

    [TestMethod]
    public void Overlaps_and_overruns_are_errors()
    {
        var image = new SparseImage(100);
        image.Add(10, new byte[10]);
        Assert.ThrowsExactly<ImagingException>(() => image.Add(19, new byte[1]));
        Assert.ThrowsExactly<ImagingException>(() => image.Add(5, new byte[6]));
        Assert.ThrowsExactly<ImagingException>(() => image.Add(0, new byte[100]));
        Assert.ThrowsExactly<ImagingException>(() => image.Add(95, new byte[6]));
        var nested = new SparseImage(20);
        nested.Add(0, new byte[1]);
        nested.Add(19, new byte[1]);
        Assert.ThrowsExactly<ImagingException>(() => image.AddImage(5, nested));
        Assert.ThrowsExactly<ImagingException>(() => image.AddImage(90, nested));
        image.AddImage(20, nested);
        Assert.HasCount(3, image.Runs);
    }

    [TestMethod]
    public void A_file_that_became_shorter_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["data"], Samples.Bytes(100));
        foreach (var pool in (FilePool?[])[null, new FilePool()])
        {
            var source = new FileSource(folder["data"], 50, 60, pool);
            StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(source.ReadAll).Message, $"'{folder["data"]}' has become shorter");
            BytesAssert.AreEqual(Samples.Bytes(100)[50..100], new FileSource(folder["data"], 50, 50, pool).ReadAll());
            pool?.Dispose();
        }
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(new FileSource(folder["absent"], 0, 1).ReadAll).Message, folder["absent"]);
    }

    [TestMethod]
    public void A_pool_keeps_few_files_open_and_serves_many_threads()
    {
        using var folder = new TemporaryFolder();
        var files = Enumerable.Range(0, 50).Select(index => folder[$"{index}"]).ToList();
        for (var index = 0; index < files.Count; index++) File.WriteAllBytes(files[index], Samples.Bytes(1000, index));
        using var pool = new FilePool(capacity: 4);
        Parallel.For(0, 2000, index => BytesAssert.AreEqual(Samples.Bytes(1000, index % 50)[3..900], new FileSource(files[index % 50], 3, 897, pool).ReadAll()));
        if (OperatingSystem.IsLinux())
        {
            var open = Directory.EnumerateFiles("/proc/self/fd").Count(path => File.ResolveLinkTarget(path, false)?.FullName.StartsWith(folder.Path, StringComparison.Ordinal) == true);
            Assert.IsTrue(open <= 4, $"{open} files are open.");
        }
        pool.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => new FileSource(files[0], 0, 1, pool).ReadAll());
    }
}
