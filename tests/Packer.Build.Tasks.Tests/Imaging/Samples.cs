using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Small things that many tests need.</summary>
internal static class Samples
{
    public const long Time = 1_700_000_000;

    public static NodeMetadata File { get; } = new(Permissions.Octal(644), Time);

    public static NodeMetadata Folder { get; } = new(Permissions.Octal(755), Time);

    public static Ext4Options Ext4 { get; } = new() { Uuid = DeterministicGuid.Create("sample"), Timestamp = Time, Label = "sample", JournalSize = 4 << 20 };

    public static Fat32Options Fat32 { get; } = new() { VolumeId = 0x1234ABCD, Label = "ESP" };

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static BytesSource Data(int length, int seed = 1) => new(Bytes(length, seed));

    public static Task WriteAsync(SparseImage image, string path) => DiskWriter.WriteAsync(image, new RawFormat(), path, new DiskWriteOptions(), CancellationToken.None);
}
