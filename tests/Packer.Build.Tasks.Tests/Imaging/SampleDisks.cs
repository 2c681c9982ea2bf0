using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Disks on which writers of disk formats fail.</summary>
internal static class SampleDisks
{
    private const int Sector = 512;
    private const int Cluster = 1 << 16;
    private const long Mebibyte = 1 << 20;

    public static DiskIdentity Identity { get; } = new("web", DeterministicGuid.Create("web"), Samples.Time);

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IEnumerable<string> Names { get; } =
        ["one sector", "one sector of zeros", "odd", "zeros", "noise", "over one table", "gigabytes", "terabytes", "mixed 1", "mixed 2", "mixed 3", "zeros that are data"];

    public static SparseImage Create(string name) => name switch
    {
        "one sector" => Filled(Sector),
        "one sector of zeros" => new SparseImage(Sector),
        "odd" => Filled((3 * Cluster) + (5 * Sector)),
        "zeros" => new SparseImage(100 * Mebibyte),
        "noise" => Filled(21 * Mebibyte),
        // An L2 table of qcow2 maps 512 MiB, a grain table of VMDK 32 MiB.
        "over one table" => At((512 * Mebibyte) + Sector, 0, (32 * Mebibyte) - Sector, (64 * Mebibyte) + Sector, (512 * Mebibyte) - Sector, 512 * Mebibyte),
        // The first bitmap entry of VHDX's table comes after 4 GiB.
        "gigabytes" => At(6L << 30, 0, (4L << 30) - Sector, (4L << 30) + Sector, (6L << 30) - Sector),
        // The largest that VHD holds is 2040 GiB.
        "terabytes" => At((2040L << 30) - Mebibyte, 0, 5L << 30, 1L << 40, (2040L << 30) - Mebibyte - Sector),
        "zeros that are data" => Zeros(),
        _ => Mixed(int.Parse(name.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)),
    };

    /// <summary>Text, noise, runs and holes of all lengths.</summary>
    public static SparseImage Mixed(int seed, int mebibytes = 48)
    {
        var random = new Random(seed);
        var length = (mebibytes * Mebibyte) - (random.Next(100) * Sector);
        var image = new SparseImage(length);
        for (long offset = random.Next(3) * 70_000; offset < length;)
        {
            var bytes = new byte[Math.Min(random.Next(1, 900_000), length - offset)];
            if (random.Next(4) == 0) random.NextBytes(bytes);
            else Text(bytes, random);
            if (random.Next(4) == 0) bytes.AsSpan(bytes.Length / 3).Clear();
            image.Add(offset, bytes);
            offset += bytes.Length + (random.Next(2) * random.Next(5_000_000));
        }
        return image;
    }

    private static SparseImage Filled(long length)
    {
        var image = new SparseImage(length);
        image.Add(0, Samples.Bytes((int)length));
        return image;
    }

    private static SparseImage At(long length, params long[] offsets)
    {
        var image = new SparseImage(length);
        foreach (var offset in offsets) image.Add(offset, Samples.Bytes(Sector, (int)(offset % 1000)));
        return image;
    }

    private static SparseImage Zeros()
    {
        var image = new SparseImage(9 * Mebibyte);
        image.Add(Mebibyte, new byte[6 * Mebibyte]);
        image.Add(8 * Mebibyte, new byte[] { 1 });
        return image;
    }

    private static void Text(Span<byte> bytes, Random random)
    {
        ReadOnlySpan<byte> words = "the of image disk sector cluster offset table of the header and size is in at length block grain footer "u8;
        for (var position = 0; position < bytes.Length;)
        {
            var start = random.Next(words.Length - 1);
            var count = Math.Min(Math.Min(random.Next(1, 30), words.Length - start), bytes.Length - position);
            words.Slice(start, count).CopyTo(bytes[position..]);
            position += count;
        }
    }
}
