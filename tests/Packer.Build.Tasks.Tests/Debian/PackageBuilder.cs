using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>Builds ar archives, packages and packed data for tests.</summary>
internal static class PackageBuilder
{
    /// <summary>An ar archive of these members.</summary>
    public static byte[] Ar(params (string Name, byte[] Content)[] members)
    {
        var file = new MemoryStream();
        file.Write("!<arch>\n"u8);
        foreach (var (name, content) in members)
        {
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n")));
            file.Write(content);
            if (content.Length % 2 != 0) file.WriteByte((byte)'\n');
        }

        return file.ToArray();
    }

    /// <summary>A tar archive of these files.</summary>
    public static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true))
            foreach (var (name, content) in files)
                writer.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = DateTimeOffset.UnixEpoch });
        return archive.ToArray();
    }

    /// <summary>A package with one file, packed in the way of the extension.</summary>
    public static byte[] Deb(string control, byte[] data, string extension) => Ar(
        ("debian-binary", "2.0\n"u8.ToArray()),
        ("control.tar" + extension, Pack(Tar(("./control", Encoding.UTF8.GetBytes(control)), ("./md5sums", "x"u8.ToArray())), extension)),
        ("data.tar" + extension, Pack(data, extension)));

    public static byte[] Pack(byte[] content, string extension)
    {
        if (extension == "") return content;
        if (extension == ".xz") return Xz(content);
        var packed = new MemoryStream();
        using (Stream packer = extension == ".gz" ? new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true) : new ZstdSharp.CompressionStream(packed, leaveOpen: true))
            packer.Write(content);
        return packed.ToArray();
    }

    /// <summary>An .xz file whose LZMA2 chunks are stored, two blocks where there is enough content.</summary>
    public static byte[] Xz(byte[] content)
    {
        var crc32 = ReflectedCrc.Crc32();
        var file = new MemoryStream();
        byte[] flags = [0, 4];
        file.Write([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, .. flags, .. Number32(crc32.Of(flags))]);
        var index = new MemoryStream();
        var parts = content.Length > 1 ? new[] { content[..(content.Length / 2)], content[(content.Length / 2)..] } : [content];
        index.Write([0, (byte)parts.Length]);
        foreach (var part in parts)
        {
            var start = file.Length;
            byte[] header = [2, 0, 0x21, 1, 16, 0, 0, 0];
            file.Write([.. header, .. Number32(crc32.Of(header))]);
            for (var at = 0; at < part.Length; at += 1 << 16)
            {
                var chunk = part.AsSpan(at, Math.Min(1 << 16, part.Length - at));
                file.Write([(byte)(at == 0 ? 1 : 2), (byte)((chunk.Length - 1) >> 8), (byte)(chunk.Length - 1)]);
                file.Write(chunk);
            }

            file.WriteByte(0);
            WriteNumber(index, file.Length - start + 8);
            WriteNumber(index, part.Length);
            Pad(file, start);
            var check = ReflectedCrc.Crc64();
            check.Append(part);
            file.Write(BitConverter.GetBytes(check.Value));
        }

        Pad(index, 0);
        file.Write([.. index.ToArray(), .. Number32(crc32.Of(index.ToArray()))]);
        byte[] footer = [.. BitConverter.GetBytes((int)(index.Length / 4)), .. flags];
        file.Write([.. Number32(crc32.Of(footer)), .. footer, (byte)'Y', (byte)'Z']);
        return file.ToArray();

        static byte[] Number32(ulong value) => BitConverter.GetBytes((uint)value);

        static void Pad(MemoryStream stream, long start)
        {
            while ((stream.Length - start) % 4 != 0) stream.WriteByte(0);
        }

        static void WriteNumber(MemoryStream stream, long value)
        {
            for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
            stream.WriteByte((byte)value);
        }
    }
}
