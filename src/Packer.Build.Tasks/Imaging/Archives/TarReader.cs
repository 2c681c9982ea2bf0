namespace Packer.Imaging;

/// <summary>
/// Reads the members of an uncompressed tar archive: ustar, GNU and pax (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format"). It trusts
/// nothing: numbers are checked against the length of the file, and an archive without its end mark counts as cut short.
/// </summary>
internal static class TarReader
{
    /// <summary>The longest name or pax header that is read into memory.</summary>
    private const int MaximumHeaderLength = 1 << 20;

    private const byte OldFileType = 0;
    private const byte ContiguousFileType = (byte)'7';
    private const byte LongNameType = (byte)'L';
    private const byte LongLinkType = (byte)'K';
    private const byte PaxType = (byte)'x';
    private const byte GlobalPaxType = (byte)'g';

    /// <summary>The members in the order of the archive.</summary>
    /// <param name="archive">The archive.</param>
    /// <exception cref="FormatException">The archive is malformed; the message says how.</exception>
    public static IEnumerable<TarEntry> Read(Source archive)
    {
        var global = PaxRecords.None;
        var local = global;
        string? longName = null, longLink = null;
        for (long position = 0; ;)
        {
            var block = ReadPart(archive, position, TarHeader.Size);
            if (!block.AsSpan().ContainsAnyExcept((byte)0)) yield break;
            var header = new TarHeader(block);
            var dataOffset = position + TarHeader.Size;
            var isFile = IsFile(header.Type);
            var length = isFile ? local.Length ?? header.Length : IsLengthMeant(header.Type) ? header.Length : 0;
            if (length < 0 || length > archive.Length - dataOffset) throw new FormatException($"it ends within a member, {length} bytes long at {dataOffset}");
            position = dataOffset + Alignment.RoundUp(length, TarHeader.Size);
            switch (header.Type)
            {
                case LongNameType:
                    longName = ReadText(archive, dataOffset, length);
                    continue;
                case LongLinkType:
                    longLink = ReadText(archive, dataOffset, length);
                    continue;
                case GlobalPaxType:
                    var records = ReadPart(archive, dataOffset, length);
                    global = global.With(records);
                    local = local.With(records);
                    continue;
                case PaxType:
                    local = local.With(ReadPart(archive, dataOffset, length));
                    continue;
            }
            yield return CreateEntry(header, local, local.Path ?? longName ?? header.Name, local.LinkPath ?? longLink ?? header.LinkName, dataOffset, length);
            local = global;
            longName = longLink = null;
        }
    }

    private static bool IsFile(byte type) => type is OldFileType or (byte)TarEntryType.File or ContiguousFileType;

    private static bool IsLengthMeant(byte type) => type is LongNameType or LongLinkType or PaxType or GlobalPaxType;

    private static TarEntry CreateEntry(TarHeader header, PaxRecords pax, string name, string linkName, long dataOffset, long length)
    {
        var type = TypeOf(header.Type, name);
        if (pax.IsSparse) throw new FormatException($"its member '{name}' is a sparse file");
        return new TarEntry
        {
            Name = name,
            Type = type,
            LinkName = linkName,
            Metadata = new NodeMetadata((UnixFileMode)header.Mode & Permissions.All, ToId(pax.UserId ?? header.UserId), ToId(pax.GroupId ?? header.GroupId), pax.Time ?? header.Time),
            Device = type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice ? new DeviceNumber(ToId(header.Major), ToId(header.Minor)) : default,
            DataOffset = dataOffset,
            Length = type == TarEntryType.File ? length : 0,
            ExtendedAttributes = pax.ExtendedAttributes,
        };
    }

    private static TarEntryType TypeOf(byte type, string name)
    {
        // Before there was a type for folders a slash at the end said it.
        if (IsFile(type)) return name.EndsWith('/') ? TarEntryType.Directory : TarEntryType.File;
        return Enum.IsDefined((TarEntryType)type) ? (TarEntryType)type : throw new FormatException($"its member '{name}' is of the unknown type '{(char)type}'");
    }

    private static uint ToId(long number) => number is >= 0 and <= uint.MaxValue ? (uint)number : throw new FormatException($"an owner or device has the number {number}");

    private static string ReadText(Source archive, long offset, long length)
    {
        ReadOnlySpan<byte> bytes = ReadPart(archive, offset, length);
        var end = bytes.IndexOf((byte)0);
        return FileNames.Decode(end < 0 ? bytes : bytes[..end]);
    }

    private static byte[] ReadPart(Source archive, long offset, long length)
    {
        if (length > MaximumHeaderLength) throw new FormatException($"it has a header of {length} bytes");
        if (length > archive.Length - offset) throw new FormatException("it ends without its end mark");
        var bytes = new byte[length];
        archive.Read(offset, bytes);
        return bytes;
    }
}
