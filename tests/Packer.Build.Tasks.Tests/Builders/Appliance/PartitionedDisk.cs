using System.Globalization;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What tests look at in a raw disk with partitions, by tools that are not ours.</summary>
internal static class PartitionedDisk
{
    private const int SectorLength = 512;
    private const int BlockLength = 4096;

    /// <summary>Where a partition begins and how long it is, in bytes.</summary>
    public static async Task<(long Offset, long Length)> PartitionAsync(string disk, int number)
    {
        var layout = await Tool.RunAsync("sgdisk", "-i", number.ToString(CultureInfo.InvariantCulture), disk);
        var first = Sector("First sector: ");
        return (first * SectorLength, (Sector("Last sector: ") - first + 1) * SectorLength);

        long Sector(string label) =>
            long.Parse(layout.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>A partition as e2fsprogs' programs name it.</summary>
    public static async Task<string> NameAsync(string disk, int number) => $"{disk}?offset={(await PartitionAsync(disk, number)).Offset}";

    /// <summary>Copies a partition to a file of its own.</summary>
    public static async Task ExtractAsync(string disk, int number, string path)
    {
        var (offset, length) = await PartitionAsync(disk, number);
        await using var source = File.OpenRead(disk);
        await using var target = File.Create(path);
        source.Position = offset;
        var buffer = new byte[1 << 20];
        for (var left = length; left > 0;)
        {
            var count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)));
            await target.WriteAsync(buffer.AsMemory(0, count));
            left -= count;
        }
    }

    /// <summary>The SHA-256 of a partition.</summary>
    public static async Task<string> HashAsync(string disk, int number)
    {
        var copy = $"{disk}.{number}";
        await ExtractAsync(disk, number, copy);
        return await FileHashAsync(copy);
    }

    public static async Task<string> FileHashAsync(string path)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream));
    }

    /// <summary>Gives a disk a gibibyte more, as a hypervisor does.</summary>
    public static void Enlarge(string disk)
    {
        using var file = File.OpenWrite(disk);
        file.SetLength(file.Length + (1L << 30));
    }

    /// <summary>The partition, the last one, and its file system reach to the end of the disk.</summary>
    public static async Task AssertGrownAsync(string disk, int number)
    {
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var (offset, length) = await PartitionAsync(disk, number);
        Assert.IsGreaterThan(new FileInfo(disk).Length - (3 << 20), offset + length);
        var checkedSystem = await Tool.RunAsync("e2fsck", "-fn", $"{disk}?offset={offset}");
        Assert.DoesNotContain("recovering journal", checkedSystem);
        // The last line has the blocks: "packer-data: 12/16384 files (0.0% non-contiguous), 5000/262144 blocks".
        StringAssert.Contains(checkedSystem, $"/{length / BlockLength} blocks");
    }
}
