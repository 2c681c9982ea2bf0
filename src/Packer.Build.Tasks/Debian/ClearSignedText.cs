using System.Text;

namespace Packer.Debian;

/// <summary>
/// A clear-signed message cut into what is signed and its signatures, without any check of the signatures: the cleartext signature framework
/// (RFC 4880 section 7, RFC 9580 section 7) and ASCII armor (section 6). Read strictly: nothing may stand before, between or after the two
/// parts, so that no reader can take unsigned text for signed text.
/// </summary>
internal sealed class ClearSignedText
{
    private const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----";
    private const string BeginSignature = "-----BEGIN PGP SIGNATURE-----";
    private const string EndSignature = "-----END PGP SIGNATURE-----";
    private const int MaximumSignatureCharacters = 256 << 10;

    private ClearSignedText(byte[] canonical, byte[] signatures) => (Canonical, Signatures) = (canonical, signatures);

    /// <summary>The signed bytes: lines without trailing blanks, joined by CR LF, without a line end after the last.</summary>
    public byte[] Canonical { get; }

    /// <summary>The signature packets.</summary>
    public byte[] Signatures { get; }

    /// <summary>The signed text in the form to be parsed: made of the signed bytes alone, with LF line ends.</summary>
    public string Text()
    {
        // Strict decoding: what is no UTF-8 is refused, so that it cannot be read in two ways.
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Canonical).Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
    }

    /// <summary>Cuts a file into its parts.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.SignatureInvalid"/>.</exception>
    public static ClearSignedText Parse(byte[] content, string where)
    {
        var reader = new Lines(content);
        if (!reader.Next(out var line) || !Is(line, Begin))
            throw Invalid(where, content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Begin)) < 0 ? "it is not clear-signed" : "text stands before the signed part");

        while (reader.Next(out line) && !line.IsEmpty)
            if (!line.StartsWith("Hash: "u8)) throw Invalid(where, "it has an armor header other than Hash");

        var canonical = new MemoryStream(content.Length);
        var first = true;
        while (true)
        {
            if (!reader.Next(out line)) throw Invalid(where, "it has no signature");
            if (!line.IsEmpty && line[0] == '-')
            {
                if (Is(line, BeginSignature)) break;
                if (!line.StartsWith("- "u8)) throw Invalid(where, "the signed part holds a line of dashes, as if there were several messages");
                line = line[2..];
            }

            line = line.TrimEnd(" \t\r"u8);
            if (line.ContainsAnyInRange((byte)0, (byte)8) || line.ContainsAnyInRange((byte)10, (byte)31)) throw Invalid(where, "the signed part holds control characters");
            if (!first) canonical.Write("\r\n"u8);
            canonical.Write(line);
            first = false;
        }

        while (reader.Next(out line) && !line.IsEmpty)
            if (!line.Contains((byte)':')) throw Invalid(where, "its signature is not ASCII armor");

        var armor = new StringBuilder();
        while (true)
        {
            if (!reader.Next(out line)) throw Invalid(where, "it is truncated inside of the signature");
            if (Is(line, EndSignature)) break;
            // The checksum of the armor: RFC 9580 section 6.1 tells readers not to rely on it.
            if (line.StartsWith("="u8)) continue;
            armor.Append(Encoding.Latin1.GetString(line));
            if (armor.Length > MaximumSignatureCharacters) throw Invalid(where, "its signature is too long");
        }

        while (reader.Next(out line))
            if (!line.TrimEnd(" \t"u8).IsEmpty) throw Invalid(where, "text stands after the signature");

        var signatures = new byte[armor.Length];
        if (!Convert.TryFromBase64String(armor.ToString(), signatures, out var length) || length == 0) throw Invalid(where, "its signature is not ASCII armor");
        return new ClearSignedText(canonical.ToArray(), signatures[..length]);
    }

    /// <summary>The error for a file whose signature proves nothing.</summary>
    public static DebianException Invalid(string where, string what, Exception? inner = null) => new(DebianError.SignatureInvalid,
        $"The signature of {where} is not valid: {what}. Nothing of the file was used. Use another mirror, or see whether something changes it on the way.", inner);

    private static bool Is(ReadOnlySpan<byte> line, string text) => Encoding.ASCII.GetBytes(text).AsSpan().SequenceEqual(line.TrimEnd(" \t"u8));

    private ref struct Lines(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        // Lines end with LF or CR LF.
        public bool Next(out ReadOnlySpan<byte> line)
        {
            line = default;
            if (_rest.IsEmpty) return false;
            var end = _rest.IndexOf((byte)'\n');
            line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (line.EndsWith("\r"u8)) line = line[..^1];
            return true;
        }
    }
}
