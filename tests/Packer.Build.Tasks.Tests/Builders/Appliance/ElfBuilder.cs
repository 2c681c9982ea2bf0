using System.Buffers.Binary;
using System.Text;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Makes small ELF files: a section with a content, and a loader that a program asks for.</summary>
internal static class ElfBuilder
{
    private const int HeaderLength = 64;
    private const int ProgramHeaderLength = 56;
    private const int SectionHeaderLength = 64;

    /// <summary>A kernel module that says this of itself.</summary>
    public static byte[] Module(params string[] information) => Create(".modinfo", Encoding.UTF8.GetBytes(string.Join('\0', information) + "\0"));

    /// <summary>A program.</summary>
    public static byte[] Program(int machine = 62, string? interpreter = "/lib64/ld-linux-x86-64.so.2") => Create(".text", [0xC3], machine, interpreter);

    private static byte[] Create(string section, byte[] content, int machine = 62, string? interpreter = null)
    {
        var names = Encoding.UTF8.GetBytes($"\0{section}\0.shstrtab\0");
        var loader = interpreter is null ? [] : Encoding.UTF8.GetBytes(interpreter + "\0");
        var contentAt = HeaderLength + ProgramHeaderLength + loader.Length;
        var namesAt = contentAt + content.Length;
        var sectionsAt = namesAt + names.Length;
        var file = new byte[sectionsAt + (3 * SectionHeaderLength)];

        ((byte[])[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(file, 0);
        Number16(18, machine);
        Number64(32, HeaderLength);
        Number64(40, sectionsAt);
        Number16(54, ProgramHeaderLength);
        Number16(56, interpreter is null ? 0 : 1);
        Number16(58, SectionHeaderLength);
        Number16(60, 3);
        Number16(62, 2);
        Number32(HeaderLength, 3);
        Number64(HeaderLength + 8, HeaderLength + ProgramHeaderLength);
        Number64(HeaderLength + 32, loader.Length);
        loader.CopyTo(file, HeaderLength + ProgramHeaderLength);
        content.CopyTo(file, contentAt);
        names.CopyTo(file, namesAt);
        Section(1, 1, contentAt, content.Length);
        Section(2, section.Length + 2, namesAt, names.Length);
        return file;

        void Section(int index, int name, int offset, int length)
        {
            var at = sectionsAt + (index * SectionHeaderLength);
            Number32(at, name);
            Number32(at + 4, 1);
            Number64(at + 24, offset);
            Number64(at + 32, length);
        }

        void Number16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);

        void Number32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);

        void Number64(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), value);
    }
}
