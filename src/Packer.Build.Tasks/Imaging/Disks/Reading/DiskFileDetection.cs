using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Tells what form of disk a file has by what it holds, never by its name.</summary>
internal static class DiskFileDetection
{
    private const int SectorSize = 512;
    private const int FirmwareVolumeMarkOffset = 40;
    private const int VdiMarkOffset = 64;
    private const uint VdiMark = 0xBEDA107F;

    /// <summary>What a file is, or null and the reason where it is no disk that is known.</summary>
    public static (DiskFileKind? Kind, string Reason) Detect(Source bytes)
    {
        var start = new byte[Math.Min(SectorSize, bytes.Length)];
        bytes.Read(0, start);
        if (start.Length >= sizeof(uint))
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(start) == Qcow2Source.Magic) return (DiskFileKind.Qcow2, "");
            if (BinaryPrimitives.ReadUInt32LittleEndian(start) == VmdkReader.Magic || start.AsSpan().StartsWith(VmdkReader.DescriptorMark)) return (DiskFileKind.Vmdk, "");
        }
        if (start.AsSpan().StartsWith(VhdxReader.Mark)) return (DiskFileKind.Vhdx, "");
        if (VhdReader.Recognizes(bytes)) return (DiskFileKind.Vhd, "");
        if (start.Length == SectorSize && start.AsSpan(257).StartsWith("ustar"u8)) return OvaReader.Recognizes(bytes) ? (DiskFileKind.Ova, "") : (null, "it is an archive that does not begin with an OVF descriptor");
        // Anything may be the first bytes of a disk: raw is what is left.
        return OtherContent(bytes, start) is { } other ? (null, other) : (DiskFileKind.Raw, "");
    }

    private static string? OtherContent(Source bytes, ReadOnlySpan<byte> start)
    {
        if (bytes.Length == 0) return "it is empty";
        if (bytes.Length % SectorSize != 0) return $"its length of {bytes.Length} bytes is no multiple of {SectorSize}";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return "it is compressed with gzip";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'])) return "it is compressed with xz";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "it is compressed with zstd";
        if (start.StartsWith("BZh"u8)) return "it is compressed with bzip2";
        if (start.StartsWith("PK\x03\x04"u8)) return "it is a zip archive";
        if (start.StartsWith("QED\0"u8)) return "it is a disk in QEMU's old format QED";
        if (start.StartsWith("COWD"u8)) return "it is a part of a disk of ESXi's own format";
        if (BinaryPrimitives.ReadUInt32LittleEndian(start[VdiMarkOffset..]) == VdiMark) return "it is a disk in VirtualBox's format VDI";
        if (start[FirmwareVolumeMarkOffset..].StartsWith("_FVH"u8)) return "it holds the variables of a firmware";
        return IsText(start) ? "it is a text" : null;
    }

    private static bool IsText(ReadOnlySpan<byte> start)
    {
        foreach (var value in start)
        {
            if (value is not ((>= (byte)' ' and < 127) or (byte)'\t' or (byte)'\r' or (byte)'\n')) return false;
        }
        return true;
    }
}
