using System.Buffers.Binary;
using System.Diagnostics;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Whatever a file holds, it is read or refused: nothing crashes, hangs or takes the memory.</summary>
[TestClass]
public sealed class DiskReadingFuzzTests
{
    private const int Mutations = 600;
    private const int MaximumChunks = 4;

    /// <summary>Far more than a reader needs, far less than a length that lies would take.</summary>
    private const long MaximumAllocation = 48 << 20;

    private static readonly ulong[] Extremes = [0, 1, 2, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0x4000000000000000, 1UL << 40];

    [TestMethod]
    [DataRow("qcow2 none")]
    [DataRow("qcow2 zlib")]
    [DataRow("qcow2 zstd")]
    [DataRow("vmdk")]
    [DataRow("vhd fixed")]
    [DataRow("vhd dynamic")]
    [DataRow("vhdx")]
    [DataRow("ova")]
    public async Task A_changed_file_is_read_or_refused(string format)
    {
        using var folder = new TemporaryFolder();
        var (kind, writer) = Create(format);
        await DiskWriter.WriteAsync(SampleDisks.Mixed(9, mebibytes: 2), writer, folder["disk"], new DiskWriteOptions(), CancellationToken.None);
        var original = await File.ReadAllBytesAsync(folder["disk"]);
        var interesting = Enumerable.Range(0, original.Length).Where(index => original[index] != 0 && (index < 4096 || index > original.Length - 65536 || index % 65536 < 600)).ToArray();
        var chunk = new byte[DiskChunk.Size];
        var refused = 0;
        for (var seed = 0; seed < Mutations; seed++)
        {
            var mutated = Mutate(original, interesting, new Random(seed), kind);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                Read(mutated, kind, chunk);
            }
            catch (ImagingException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{format}, seed {seed}: {exception}");
            }
            Assert.IsLessThan(MaximumAllocation, GC.GetAllocatedBytesForCurrentThread() - allocated, $"{format}, seed {seed}: bytes allocated");
            Assert.IsLessThan(20, clock.Elapsed.TotalSeconds, $"{format}, seed {seed}: seconds");
        }
        Assert.IsGreaterThan(Mutations / 10, refused);
    }

    private static void Read(byte[] bytes, DiskFileKind kind, byte[] chunk)
    {
        DiskFileDetection.Detect(new BytesSource(bytes));
        var source = DiskImage.OpenDisk(new BytesSource(bytes), "disk", kind);
        using var disposable = source as IDisposable;
        var disk = new SparseImage(source.Length);
        disk.Add(0, source);
        foreach (var offset in DiskChunk.Offsets(disk).Take(MaximumChunks)) disk.Read(offset, chunk.AsSpan(0, (int)Math.Min(chunk.Length, disk.Length - offset)));
    }

    private static byte[] Mutate(byte[] original, int[] interesting, Random random, DiskFileKind kind)
    {
        if (random.Next(8) == 0) return original[..random.Next(original.Length)];
        var bytes = original.ToArray();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var position = random.Next(4) switch
            {
                0 => random.Next(Math.Min(bytes.Length, 256)),
                1 => random.Next(bytes.Length),
                _ => interesting[random.Next(interesting.Length)],
            };
            if (random.Next(2) == 0)
            {
                bytes[position] ^= (byte)(1 << random.Next(8));
                continue;
            }
            var field = bytes.AsSpan(Math.Min(position & ~3, bytes.Length - sizeof(ulong)));
            var value = Extremes[random.Next(Extremes.Length)];
            switch (random.Next(4))
            {
                case 0: BinaryPrimitives.WriteUInt64LittleEndian(field, value); break;
                case 1: BinaryPrimitives.WriteUInt64BigEndian(field, value); break;
                case 2: BinaryPrimitives.WriteUInt32LittleEndian(field, (uint)value); break;
                default: BinaryPrimitives.WriteUInt32BigEndian(field, (uint)value); break;
            }
        }
        // Behind the checksums too.
        if (random.Next(2) == 0) Repair(bytes, kind);
        return bytes;
    }

    private static void Repair(byte[] bytes, DiskFileKind kind)
    {
        if (kind == DiskFileKind.Vhd)
        {
            foreach (var (start, length, checksum) in ((int, int, int)[])[(0, 512, 64), (512, 1024, 36), (bytes.Length - 512, 512, 64)])
            {
                var part = bytes.AsSpan(start, length);
                if (!part.StartsWith("con"u8) && !part.StartsWith("cx"u8)) continue;
                part.Slice(checksum, sizeof(uint)).Clear();
                VhdFooter.SetChecksum(part, checksum);
            }
        }
        if (kind != DiskFileKind.Vhdx) return;
        foreach (var (start, length) in ((int, int)[])[(1 << 16, 4096), (2 << 16, 4096), (3 << 16, 1 << 16), (4 << 16, 1 << 16)])
        {
            var part = bytes.AsSpan(start, length);
            part.Slice(4, sizeof(uint)).Clear();
            VhdxHeaders.SetChecksum(part, 4);
        }
    }

    private static (DiskFileKind Kind, IDiskFormat Writer) Create(string format) => format switch
    {
        "qcow2 none" => (DiskFileKind.Qcow2, new Qcow2Format(Qcow2Compression.None)),
        "qcow2 zlib" => (DiskFileKind.Qcow2, new Qcow2Format(Qcow2Compression.Zlib)),
        "qcow2 zstd" => (DiskFileKind.Qcow2, new Qcow2Format(Qcow2Compression.Zstd)),
        "vmdk" => (DiskFileKind.Vmdk, new VmdkFormat(SampleDisks.Identity)),
        "vhd fixed" => (DiskFileKind.Vhd, new VhdFormat(VhdType.Fixed, SampleDisks.Identity)),
        "vhd dynamic" => (DiskFileKind.Vhd, new VhdFormat(VhdType.Dynamic, SampleDisks.Identity)),
        "vhdx" => (DiskFileKind.Vhdx, new VhdxFormat(SampleDisks.Identity)),
        _ => (DiskFileKind.Ova, new OvaFormat(SampleDisks.Identity, new OvaMachine())),
    };
}
