using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Makes trees of all that a file system may hold; a seed always gives the same tree.</summary>
internal sealed class RandomTree
{
    private readonly Random random;
    private readonly FileTree tree = new(Samples.Time);
    private readonly List<string> folders = [""];
    private readonly List<Node> linkable = [];

    private RandomTree(int seed) => random = new Random(seed);

    public static FileTree Create(int seed, int count)
    {
        var maker = new RandomTree(seed);
        maker.AddEveryNameLength();
        maker.AddDeepFolders();
        for (var index = 0; index < count; index++) maker.AddOne();
        return maker.tree;
    }

    private void AddEveryNameLength()
    {
        tree.AddDirectory("/lengths", Metadata());
        for (var length = 1; length <= FileNames.MaximumNameLength; length++) tree.AddFile("/lengths/" + Name(length), Samples.Data(length, length), Metadata());
    }

    private void AddDeepFolders()
    {
        var path = "/deep";
        for (var depth = 0; depth < 200; depth++) path += "/" + (char)('a' + (depth % 26));
        tree.AddDirectory(path, Metadata());
        folders.Add(path);
    }

    private void AddOne()
    {
        var path = folders[random.Next(folders.Count)] + "/" + Name(random.Next(1, random.Next(10) == 0 ? 256 : 20));
        if (tree.Find(path) is not null) return;
        switch (random.Next(20))
        {
            case < 9:
                linkable.Add(tree.AddFile(path, Content(), Metadata()));
                break;
            case < 12:
                tree.AddDirectory(path, Metadata());
                if (path.Length < 2000) folders.Add(path);
                break;
            case < 15:
                linkable.Add(tree.AddSymbolicLink(path, Target(), Samples.Time + random.Next(1000)));
                break;
            case < 17 when linkable.Count > 0:
                tree.Add(path, linkable[random.Next(linkable.Count)]);
                break;
            case < 18:
                tree.AddFifo(path, Metadata());
                break;
            case < 19:
                tree.AddCharacterDevice(path, new DeviceNumber((uint)random.Next(4096), (uint)random.Next(1 << 20)), Metadata());
                break;
            default:
                tree.AddBlockDevice(path, new DeviceNumber((uint)random.Next(256), (uint)random.Next(256)), Metadata());
                break;
        }
    }

    /// <summary>Any bytes but zero and the slash.</summary>
    private string Name(int length)
    {
        var bytes = new byte[length];
        do
        {
            for (var index = 0; index < length; index++) bytes[index] = (byte)(random.Next(3) == 0 ? random.Next(1, 256) : random.Next('a', 'z' + 1));
            bytes.AsSpan().Replace((byte)'/', (byte)'_');
        }
        while (bytes is [(byte)'.'] or [(byte)'.', (byte)'.']);
        return FileNames.Decode(bytes);
    }

    private string Target()
    {
        // Around 60 bytes a target moves from the inode into a block.
        var length = random.Next(4) switch { 0 => random.Next(58, 63), 1 => random.Next(1, 4096), 2 => 4095, _ => random.Next(1, 60) };
        var bytes = new byte[length];
        for (var index = 0; index < length; index++) bytes[index] = (byte)random.Next(1, 256);
        return FileNames.Decode(bytes);
    }

    private Source Content() => random.Next(10) switch
    {
        0 => BytesSource.Empty,
        1 => Samples.Data(4096 * random.Next(1, 5), random.Next()),
        2 => Sparse(),
        3 => Samples.Data(random.Next(1, 300_000), random.Next()),
        _ => Samples.Data(random.Next(1, 9000), random.Next()),
    };

    private SparseImage Sparse()
    {
        var image = new SparseImage(random.Next(1, 3_000_000));
        for (long offset = random.Next(20_000); offset < image.Length; offset += random.Next(1, 200_000))
        {
            var length = (int)Math.Min(random.Next(1, 10_000), image.Length - offset);
            image.Add(offset, Samples.Bytes(length, random.Next()));
            offset += length;
        }
        return image;
    }

    private NodeMetadata Metadata() => new((UnixFileMode)random.Next(0x1000), Id(), Id(), Samples.Time + random.Next(-2_000_000_000, int.MaxValue));

    private uint Id() => random.Next(3) == 0 ? (uint)random.NextInt64(1L << 32) : (uint)random.Next(2000);
}
