using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// The headers of a 64-bit program for UEFI: a Portable Executable of the form PE32+ (Microsoft, "PE Format"; UEFI specification, section 2.1.1). Only what
/// is needed to add sections and to sign is looked at.
/// </summary>
internal sealed class PortableExecutable
{
    private const int SignatureOffsetAt = 0x3C;
    private const int FileHeaderLength = 20;
    private const int SectionHeaderLength = 40;
    private const int NameLength = 8;
    private const int DirectoriesAt = 112;
    private const int DirectoryLength = 8;
    private const int CertificateDirectory = 4;
    private const int LargestHeader = 1 << 20;
    private const uint LargestFileAlignment = 1 << 16;
    private const uint LargestSectionAlignment = 1 << 24;
    private const uint Signature = 0x00004550; // "PE\0\0"
    private const ushort Plus = 0x20B;

    private readonly byte[] headers;
    private readonly int fileHeader;
    private readonly int optionalHeader;

    private PortableExecutable(byte[] headers, int fileHeader)
    {
        this.headers = headers;
        this.fileHeader = fileHeader;
        optionalHeader = fileHeader + FileHeaderLength;
    }

    /// <summary>The headers: the bytes up to the first section.</summary>
    public ReadOnlyMemory<byte> Headers => headers;

    /// <summary>Where the checksum of the file stands: four bytes.</summary>
    public int ChecksumAt => optionalHeader + 64;

    /// <summary>Where place and length of the signatures stand: eight bytes.</summary>
    public int CertificatesAt => optionalHeader + DirectoriesAt + CertificateDirectory * DirectoryLength;

    /// <summary>The sections, in the order of the table.</summary>
    public IReadOnlyList<PortableExecutableSection> Sections => [.. Enumerable.Range(0, SectionCount).Select(ReadSection)];

    private int SectionCount => UInt16(fileHeader + 2);

    private int SectionTable => optionalHeader + UInt16(fileHeader + 16);

    /// <summary>Reads the headers of a program.</summary>
    /// <exception cref="ImagingException">It is none, or none of this form.</exception>
    public static PortableExecutable Read(Source program)
    {
        var start = ReadAt(program, SignatureOffsetAt, sizeof(uint));
        var signature = BinaryPrimitives.ReadUInt32LittleEndian(start);
        if (signature > LargestHeader || BinaryPrimitives.ReadUInt32LittleEndian(ReadAt(program, signature, sizeof(uint))) != Signature) throw NotOne("it has no PE header");
        var fileHeader = (int)signature + sizeof(uint);
        var fields = ReadAt(program, fileHeader + FileHeaderLength, DirectoriesAt);
        if (BinaryPrimitives.ReadUInt16LittleEndian(fields) != Plus) throw NotOne("it is not of the 64-bit form PE32+");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(fields.AsSpan(60));
        if (length > LargestHeader || BinaryPrimitives.ReadUInt32LittleEndian(fields.AsSpan(108)) <= CertificateDirectory) throw NotOne("its headers are cut short");
        if (!IsAlignment(BinaryPrimitives.ReadUInt32LittleEndian(fields.AsSpan(32)), LargestSectionAlignment) || !IsAlignment(BinaryPrimitives.ReadUInt32LittleEndian(fields.AsSpan(36)), LargestFileAlignment)) throw NotOne("its sections lie on no sensible boundaries");
        var found = new PortableExecutable(ReadAt(program, 0, (int)length), fileHeader);
        if (found.SectionTable + found.SectionCount * SectionHeaderLength > length) throw NotOne("its sections are cut short");
        if (found.Sections.Any(section => section.Length > 0 && section.Offset + section.Length > program.Length)) throw NotOne("it is cut short");
        return found;
    }

    /// <summary>Adds sections after the last one.</summary>
    /// <param name="program">The program that these headers were read from.</param>
    /// <param name="sections">The sections: a name of at most eight ASCII characters, and the content.</param>
    /// <exception cref="ImagingException">There is no room for their headers, the program is signed, or it becomes too large.</exception>
    public static SparseImage Add(Source program, IReadOnlyList<(string Name, Source Data)> sections)
    {
        var executable = Read(program);
        return executable.With(program, sections);
    }

    private SparseImage With(Source program, IReadOnlyList<(string Name, Source Data)> sections)
    {
        var existing = Sections;
        if (UInt32(CertificatesAt) != 0) throw new ImagingException("Nothing can be added to a program that is signed.");
        var table = SectionTable + existing.Count * SectionHeaderLength;
        var firstData = existing.Where(section => section.Length > 0).Select(section => section.Offset).Append(headers.Length).Min();
        if (table + sections.Count * SectionHeaderLength > firstData) throw new ImagingException($"The program has no room for the headers of {sections.Count} more sections.");

        var (sectionAlignment, fileAlignment) = (UInt32(optionalHeader + 32), UInt32(optionalHeader + 36));
        var address = existing.Select(section => section.Address + section.AddressLength).DefaultIfEmpty(headers.Length).Max();
        var offset = Alignment.RoundUp(program.Length, fileAlignment);
        var changed = headers.ToArray();
        var placed = new List<(long Offset, Source Data)>();
        long added = 0;
        foreach (var (name, data) in sections)
        {
            address = Alignment.RoundUp(address, sectionAlignment);
            var length = Alignment.RoundUp(data.Length, fileAlignment);
            if (address + data.Length > int.MaxValue) throw new ImagingException("The program becomes larger than 2 GiB, which firmware cannot load.");
            WriteSection(changed.AsSpan(table, SectionHeaderLength), name, data.Length, address, length, offset);
            placed.Add((offset, data));
            table += SectionHeaderLength;
            address += data.Length;
            offset += length;
            added += length;
        }
        changed.AsSpan().PutUInt16(fileHeader + 2, existing.Count + sections.Count);
        changed.AsSpan().PutUInt32(optionalHeader + 8, UInt32(optionalHeader + 8) + added);
        changed.AsSpan().PutUInt32(optionalHeader + 56, Alignment.RoundUp(address, sectionAlignment));
        changed.AsSpan().PutUInt32(ChecksumAt, 0);

        var image = new SparseImage(offset);
        image.Add(0, changed);
        image.Add(headers.Length, program, headers.Length, program.Length - headers.Length);
        foreach (var (place, data) in placed) image.Add(place, data);
        return image;
    }

    private static void WriteSection(Span<byte> header, string name, long addressLength, long address, long length, long offset)
    {
        const uint InitializedData = 0x40, Readable = 0x40000000;
        var bytes = System.Text.Encoding.ASCII.GetBytes(name);
        if (bytes.Length > NameLength) throw new ArgumentException($"'{name}' is too long for the name of a section.", nameof(name));
        header.Clear();
        bytes.CopyTo(header);
        header.PutUInt32(8, addressLength);
        header.PutUInt32(12, address);
        header.PutUInt32(16, length);
        header.PutUInt32(20, offset);
        header.PutUInt32(36, InitializedData | Readable);
    }

    private PortableExecutableSection ReadSection(int index)
    {
        var at = SectionTable + index * SectionHeaderLength;
        var name = System.Text.Encoding.ASCII.GetString(headers, at, NameLength).TrimEnd('\0');
        return new PortableExecutableSection(name, UInt32(at + 12), UInt32(at + 8), UInt32(at + 20), UInt32(at + 16));
    }

    private static bool IsAlignment(uint value, uint largest) => System.Numerics.BitOperations.IsPow2(value) && value <= largest;

    private ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(headers.AsSpan(offset));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(headers.AsSpan(offset));

    private static byte[] ReadAt(Source program, long offset, int length)
    {
        if (offset + length > program.Length) throw NotOne("it is cut short");
        var bytes = new byte[length];
        program.Read(offset, bytes);
        return bytes;
    }

    private static ImagingException NotOne(string reason) => new($"This is no program for UEFI: {reason}.");
}

/// <summary>A section of a program.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it lies in memory, from the start of the program.</param>
/// <param name="AddressLength">Its length there.</param>
/// <param name="Offset">Where it lies in the file.</param>
/// <param name="Length">Its length there, padding included.</param>
internal sealed record PortableExecutableSection(string Name, long Address, long AddressLength, long Offset, long Length);
