using System.Globalization;
using System.Text;

namespace Packer.Imaging;

/// <summary>The records of a pax extended header: <c>length key=value newline</c> (POSIX.1-2017, pax, "pax Extended Header").</summary>
internal sealed class PaxRecords
{
    /// <summary>What the keys of extended attributes begin with.</summary>
    public const string AttributePrefix = "SCHILY.xattr.";

    private const string SparsePrefix = "GNU.sparse.";

    private readonly Dictionary<string, byte[]> records;

    private PaxRecords(Dictionary<string, byte[]> records) => this.records = records;

    public static PaxRecords None { get; } = new(new(StringComparer.Ordinal));

    public string? Path => Text("path");

    public string? LinkPath => Text("linkpath");

    public long? Length => Number("size");

    public long? UserId => Number("uid");

    public long? GroupId => Number("gid");

    /// <summary>Whole seconds; the fraction is dropped.</summary>
    public long? Time => records.TryGetValue("mtime", out var value)
        ? decimal.TryParse(Encoding.ASCII.GetString(value), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var time) && Math.Abs(time) < long.MaxValue
            ? (long)decimal.Floor(time)
            : throw new FormatException("its pax record 'mtime' is not a number")
        : null;

    /// <summary>Whether the member is a sparse file in one of GNU's forms.</summary>
    public bool IsSparse => records.Keys.Any(key => key.StartsWith(SparsePrefix, StringComparison.Ordinal));

    public IReadOnlyDictionary<string, byte[]> ExtendedAttributes =>
        records.Where(record => record.Key.StartsWith(AttributePrefix, StringComparison.Ordinal)).ToDictionary(record => record.Key[AttributePrefix.Length..], record => record.Value, StringComparer.Ordinal);

    /// <summary>Adds the records of a header to those that hold already; an empty value takes a record away.</summary>
    /// <exception cref="FormatException">The header is malformed.</exception>
    public PaxRecords With(ReadOnlySpan<byte> header)
    {
        var merged = new Dictionary<string, byte[]>(records, StringComparer.Ordinal);
        while (header.Length > 0)
        {
            var (key, value) = TakeRecord(ref header);
            if (value.Length == 0 && !key.StartsWith(AttributePrefix, StringComparison.Ordinal)) merged.Remove(key);
            else merged[key] = value;
        }
        return new PaxRecords(merged);
    }

    private static (string Key, byte[] Value) TakeRecord(ref ReadOnlySpan<byte> header)
    {
        var space = header.IndexOf((byte)' ');
        if (space <= 0 || !int.TryParse(Encoding.ASCII.GetString(header[..space]), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > header.Length || length <= space + 2 || header[length - 1] != (byte)'\n') throw Malformed();
        var record = header[(space + 1)..(length - 1)];
        var equals = record.IndexOf((byte)'=');
        if (equals <= 0) throw Malformed();
        header = header[length..];
        return (FileNames.Decode(record[..equals]), record[(equals + 1)..].ToArray());
    }

    private static FormatException Malformed() => new("its pax header is malformed");

    private string? Text(string key) => records.TryGetValue(key, out var value) ? FileNames.Decode(value) : null;

    private long? Number(string key) => records.TryGetValue(key, out var value)
        ? long.TryParse(Encoding.ASCII.GetString(value), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"its pax record '{key}' is not a number")
        : null;
}
