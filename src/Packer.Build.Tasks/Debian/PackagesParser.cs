using System.Buffers.Text;

namespace Packer.Debian;

/// <summary>The fields of a stanza that an index keeps; those below <see cref="FirstUnstored"/> are stored in this order.</summary>
internal enum PackageField
{
    /// <summary>Package.</summary>
    Package,

    /// <summary>Version.</summary>
    Version,

    /// <summary>Architecture.</summary>
    Architecture,

    /// <summary>Filename.</summary>
    Filename,

    /// <summary>Source.</summary>
    Source,

    /// <summary>Pre-Depends.</summary>
    PreDepends,

    /// <summary>Depends.</summary>
    Depends,

    /// <summary>Provides.</summary>
    Provides,

    /// <summary>Conflicts.</summary>
    Conflicts,

    /// <summary>Breaks.</summary>
    Breaks,

    /// <summary>Priority.</summary>
    Priority,

    /// <summary>SHA256.</summary>
    Sha256,

    /// <summary>Size.</summary>
    Size,

    /// <summary>Essential.</summary>
    Essential,

    /// <summary>The first of the fields that are stored in another form than their text.</summary>
    FirstUnstored = Sha256,

    /// <summary>The number of fields.</summary>
    Count = Essential + 1,
}

/// <summary>
/// Reads the stanzas of a Packages file (Debian repository format, "Packages Indices") as bytes, one at a time: of the 60 MB of a release's
/// index only the needed fields are ever looked at.
/// </summary>
internal sealed class PackagesParser(Stream packages, string where)
{
    private const int MaximumStanza = 4 << 20;

    private readonly (int Start, int Length)[] _fields = new (int, int)[(int)PackageField.Count];
    private byte[] _buffer = new byte[256 << 10];
    private int _start;
    private int _end;
    private int _number;

    /// <summary>The value of a field of the present stanza; empty where it has none.</summary>
    public ReadOnlySpan<byte> this[PackageField field] => _buffer.AsSpan(_fields[(int)field].Start, _fields[(int)field].Length);

    /// <summary>The length of the package's file in bytes.</summary>
    public long Size => Utf8Parser.TryParse(this[PackageField.Size], out long size, out var consumed) && consumed == this[PackageField.Size].Length && size >= 0
        ? size
        : throw Malformed("a Size that is no number");

    /// <summary>The digest of the package's file.</summary>
    public byte[] Sha256
    {
        get
        {
            var digest = new byte[Sha256Digest.Length];
            return Convert.FromHexString(this[PackageField.Sha256], digest, out _, out var written) == System.Buffers.OperationStatus.Done && written == digest.Length
                ? digest
                : throw Malformed("no valid SHA256");
        }
    }

    /// <summary>Goes to the next stanza.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>.</exception>
    public bool Next()
    {
        Array.Clear(_fields);
        var any = false;
        var scanned = 0;
        while (true)
        {
            var line = _buffer.AsSpan(_start + scanned, _end - _start - scanned);
            var length = line.IndexOf((byte)'\n');
            if (length < 0)
            {
                if (Fill()) continue;
                // The last line may lack its end.
                length = _end - _start - scanned;
                if (length == 0) break;
                line = _buffer.AsSpan(_start + scanned, length);
            }
            else
            {
                line = line[..length];
            }

            var lineStart = scanned;
            scanned = Math.Min(scanned + length + 1, _end - _start);
            if (line.TrimEnd(" \t\r"u8).IsEmpty)
            {
                if (any) break;
                // Empty lines before a stanza.
                _start += scanned;
                scanned = 0;
                continue;
            }

            any = true;
            Field(line, lineStart);
        }

        if (!any) return false;
        // Until here the ranges count from the stanza's start, which moves in the buffer while it is filled.
        for (var i = 0; i < _fields.Length; i++) _fields[i].Start += _start;
        _start += scanned;
        _number++;
        foreach (var required in (ReadOnlySpan<PackageField>)[PackageField.Package, PackageField.Version, PackageField.Architecture, PackageField.Filename])
            if (this[required].IsEmpty) throw Malformed($"no {required}");
        return true;
    }

    private void Field(ReadOnlySpan<byte> line, int lineStart)
    {
        if (line[0] is (byte)' ' or (byte)'\t') return;
        var colon = line.IndexOf((byte)':');
        if (colon <= 0) throw DebianException.Damaged(where, $"a line of package number {_number + 1} is not of the form 'Name: value'");
        if (FieldOf(line[..colon]) is not { } field) return;
        var value = line[(colon + 1)..].TrimEnd(" \t\r"u8);
        var blanks = value.Length - value.TrimStart(" \t"u8).Length;
        _fields[(int)field] = (lineStart + colon + 1 + blanks, value.Length - blanks);
    }

    // Archives write field names in one case only; the switch costs no text.
    private static PackageField? FieldOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("Package"u8) => PackageField.Package,
        _ when name.SequenceEqual("Version"u8) => PackageField.Version,
        _ when name.SequenceEqual("Architecture"u8) => PackageField.Architecture,
        _ when name.SequenceEqual("Filename"u8) => PackageField.Filename,
        _ when name.SequenceEqual("Source"u8) => PackageField.Source,
        _ when name.SequenceEqual("Pre-Depends"u8) => PackageField.PreDepends,
        _ when name.SequenceEqual("Depends"u8) => PackageField.Depends,
        _ when name.SequenceEqual("Provides"u8) => PackageField.Provides,
        _ when name.SequenceEqual("Conflicts"u8) => PackageField.Conflicts,
        _ when name.SequenceEqual("Breaks"u8) => PackageField.Breaks,
        _ when name.SequenceEqual("Priority"u8) => PackageField.Priority,
        _ when name.SequenceEqual("SHA256"u8) => PackageField.Sha256,
        _ when name.SequenceEqual("Size"u8) => PackageField.Size,
        _ when name.SequenceEqual("Essential"u8) => PackageField.Essential,
        _ => null,
    };

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaximumStanza) throw DebianException.Damaged(where, $"package number {_number + 1} is longer than {MaximumStanza} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = packages.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }

    private DebianException Malformed(string what) => DebianException.Damaged(where, $"package number {_number} has {what}");
}
