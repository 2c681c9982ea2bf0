namespace Packer.Engine;

/// <summary>
/// What a user wrote as a checksum (Packer's <c>iso_checksum</c>): a digest, the place of a file that lists digests, or <c>none</c>, where both are
/// null.
/// </summary>
/// <param name="Digest">The digest, or null.</param>
/// <param name="File">Address, full path or relative path of the file that lists digests, or null.</param>
internal sealed record ChecksumSetting(Checksum? Digest, string? File)
{
    private const string Forms = "Write 'sha256:' and the hexadecimal digest (also md5, sha1, sha224, sha384, sha512), the digest alone, "
        + "'file:' and the address or path of a checksum file, or 'none'.";

    /// <summary>Reads a setting without opening anything, so that it can be checked before a build.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.ChecksumMalformed"/>: it is of no known form.</exception>
    public static ChecksumSetting Parse(string text)
    {
        var value = text.Trim();
        if (value.Equals("none", StringComparison.OrdinalIgnoreCase)) return new ChecksumSetting(null, null);
        if (value.Length == 0) throw Malformed($"The checksum is empty. {Forms}");
        if (value.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return new ChecksumSetting(null, ParseFile(text, value["file:".Length..]));
        if (LooksLikeAddress(value))
        {
            throw Malformed($"The checksum '{Address.Display(value)}' is an address. For a file that lists checksums, put 'file:' before it. {Forms}");
        }
        if (value.EndsWith(".iso", StringComparison.OrdinalIgnoreCase))
        {
            throw Malformed($"The checksum '{text}' looks like the file itself, not like its checksum: are the two settings mixed up? {Forms}");
        }
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return new ChecksumSetting(Checksum.TryCreate(value) ?? throw Malformed($"The checksum '{text}' has no known form. {BareReason(value)}{Forms}"), null);
        var kind = Checksum.TryParseKind(value[..colon]) ?? throw Malformed($"The checksum '{text}' names the unknown kind '{value[..colon]}'. {Forms}");
        var hex = value[(colon + 1)..].Trim();
        var checksum = Checksum.TryCreate(kind, hex)
            ?? throw Malformed($"The checksum '{text}' is not {Checksum.DigestLength(kind) * 2} hexadecimal digits after '{value[..colon]}:'. {Forms}");
        return new ChecksumSetting(checksum, null);
    }

    private static string ParseFile(string text, string file)
    {
        // Packer's own documents write a relative path so, too.
        foreach (var prefix in (string[])["file://./", "//./"])
        {
            if (file.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) file = file[(prefix.Length - 2)..];
        }
        // The one slash short of an address is a full path: file:/srv/SHA256SUMS.
        if (file.StartsWith("///", StringComparison.Ordinal)) file = file[2..];
        return file.Length > 0 ? file : throw Malformed($"The checksum '{text}' names no file. {Forms}");
    }

    private static string BareReason(string value) =>
        value.All(char.IsAsciiHexDigit) ? $"It has {value.Length} digits; a digest has 32, 40, 56, 64, 96 or 128. " : "";

    private static bool LooksLikeAddress(string value) => value.Contains("://", StringComparison.Ordinal);

    private static PackerException Malformed(string message) => new(DiagnosticCodes.ChecksumMalformed, message);
}
