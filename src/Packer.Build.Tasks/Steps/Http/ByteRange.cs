using System.Globalization;

namespace Packer.Steps.Http;

/// <summary>A part of a file that a client asks for (RFC 9110, section 14).</summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    private const string Unit = "bytes=";

    /// <summary>Reads the header <c>Range</c>.</summary>
    /// <param name="header">Its value.</param>
    /// <param name="total">Length of the file.</param>
    /// <param name="range">The part, within the file.</param>
    /// <returns>True: there is such a part. False: nothing of the file lies in it. Null: the header is to be ignored, as when it asks for several parts.</returns>
    public static bool? TryParse(string header, long total, out ByteRange range)
    {
        range = default;
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase)) return null;
        var parts = header[Unit.Length..].Trim().Split('-');
        if (parts.Length != 2) return null;
        if (parts[0].Length == 0)
        {
            if (!TryNumber(parts[1], out var last)) return null;
            if (last == 0 || total == 0) return false;
            var length = Math.Min(last, total);
            range = new ByteRange(total - length, length);
            return true;
        }
        if (!TryNumber(parts[0], out var start)) return null;
        var end = total - 1;
        if (parts[1].Length > 0)
        {
            if (!TryNumber(parts[1], out var given) || given < start) return null;
            end = Math.Min(given, end);
        }
        if (start >= total) return false;
        range = new ByteRange(start, end - start + 1);
        return true;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
