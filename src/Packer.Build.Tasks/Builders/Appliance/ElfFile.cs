using System.Buffers.Binary;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// What matters here of a 64-bit little-endian ELF file (System V ABI, generic, "Object Files"; Linux, elf(5)): its machine, the loader that it
/// asks for, and its sections by name.
/// </summary>
internal sealed class ElfFile
{
    private const int HeaderLength = 64;
    private const int SectionHeaderLength = 64;
    private const int ProgramHeaderLength = 56;
    private const uint InterpreterSegment = 3;
    private const uint NoBitsSection = 8;
    private const int MaximumPart = 64 << 20;

    private readonly Source data;
    private readonly byte[] header;

    private ElfFile(Source data, byte[] header) => (this.data, this.header) = (data, header);

    private static class Field
    {
        public const int Machine = 18, ProgramHeaders = 32, SectionHeaders = 40, ProgramHeaderSize = 54, ProgramHeaderCount = 56, SectionHeaderSize = 58, SectionCount = 60, NamesSection = 62;
        public const int SegmentType = 0, SegmentOffset = 8, SegmentLength = 32;
        public const int SectionName = 0, SectionType = 4, SectionOffset = 24, SectionLength = 32;
    }

    private static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>64-bit, little-endian, version 1.</summary>
    private static ReadOnlySpan<byte> Identification => [2, 1, 1];

    /// <summary>The machine's number (e_machine).</summary>
    public int Machine => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(Field.Machine));

    /// <summary>Whether a content begins as all ELF files do.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Opens a file, or returns null for one that is no 64-bit little-endian ELF file.</summary>
    public static ElfFile? TryOpen(Source data)
    {
        if (data.Length < HeaderLength) return null;
        var header = new byte[HeaderLength];
        data.Read(0, header);
        return HasMagic(header) && header.AsSpan(Magic.Length).StartsWith(Identification) ? new ElfFile(data, header) : null;
    }

    /// <summary>The path of the loader that a program asks for (PT_INTERP), or null where it asks for none.</summary>
    /// <exception cref="ImagingException">The file is malformed.</exception>
    public string? Interpreter()
    {
        for (var index = 0; index < Number16(Field.ProgramHeaderCount); index++)
        {
            var segment = Part(Number64(header, Field.ProgramHeaders) + ((long)index * Number16(Field.ProgramHeaderSize)), ProgramHeaderLength);
            if (Number32(segment, Field.SegmentType) == InterpreterSegment)
                return Text(Part(Number64(segment, Field.SegmentOffset), Number64(segment, Field.SegmentLength)), 0);
        }
        return null;
    }

    /// <summary>The content of the first section of this name, or null where there is none.</summary>
    /// <exception cref="ImagingException">The file is malformed.</exception>
    public byte[]? Section(string name)
    {
        var count = Number16(Field.SectionCount);
        if (count == 0 || Number16(Field.NamesSection) >= count) return null;
        var names = Content(SectionHeader(Number16(Field.NamesSection)));
        for (var index = 0; index < count; index++)
        {
            var section = SectionHeader(index);
            if (Text(names, Number32(section, Field.SectionName)) == name) return Content(section);
        }
        return null;
    }

    private byte[] SectionHeader(int index) => Part(Number64(header, Field.SectionHeaders) + ((long)index * Number16(Field.SectionHeaderSize)), SectionHeaderLength);

    private byte[] Content(byte[] section) => Number32(section, Field.SectionType) == NoBitsSection ? [] : Part(Number64(section, Field.SectionOffset), Number64(section, Field.SectionLength));

    private byte[] Part(long offset, long length)
    {
        if (offset < 0 || length is < 0 or > MaximumPart || offset > data.Length - length) throw Malformed();
        var part = new byte[length];
        data.Read(offset, part);
        return part;
    }

    private static string Text(byte[] bytes, uint offset)
    {
        if (offset >= bytes.Length) throw Malformed();
        var text = bytes.AsSpan((int)offset);
        var end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    private int Number16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(offset));

    private static uint Number32(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));

    private static long Number64(byte[] bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset));

    private static ImagingException Malformed() => new("It is no valid ELF file: a part of it lies outside. Get it again.");
}
