using System.Buffers;

namespace Packer.Engine;

/// <summary>The kinds of digest that Packer knows, weakest first.</summary>
internal enum ChecksumKind
{
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// <summary>A digest that a file must have.</summary>
/// <param name="Kind">The kind of digest.</param>
/// <param name="Hex">The digest in lower-case hexadecimal digits.</param>
internal sealed record Checksum(ChecksumKind Kind, string Hex)
{
    private const int BufferSize = 1 << 17;

    /// <summary>Reads a digest of a kind that is known.</summary>
    /// <returns>The checksum, or null where the text is no digest of that kind.</returns>
    public static Checksum? TryCreate(ChecksumKind kind, string hex) =>
        hex.Length == DigestLength(kind) * 2 && hex.All(char.IsAsciiHexDigit) ? new Checksum(kind, hex.ToLowerInvariant()) : null;

    /// <summary>Reads a bare digest, whose length tells its kind.</summary>
    /// <returns>The checksum, or null where the text is no digest.</returns>
    public static Checksum? TryCreate(string hex)
    {
        foreach (var kind in Enum.GetValues<ChecksumKind>())
        {
            if (TryCreate(kind, hex) is { } checksum) return checksum;
        }
        return null;
    }

    /// <summary>Reads a kind's name in any case: <c>sha256</c>, also <c>SHA-256</c> and OpenSSL's <c>SHA2-256</c>.</summary>
    public static ChecksumKind? TryParseKind(string name) => name.ToLowerInvariant().Replace("sha2-", "sha", StringComparison.Ordinal) switch
    {
        "md5" => ChecksumKind.Md5,
        "sha1" or "sha-1" => ChecksumKind.Sha1,
        "sha224" or "sha-224" => ChecksumKind.Sha224,
        "sha256" or "sha-256" => ChecksumKind.Sha256,
        "sha384" or "sha-384" => ChecksumKind.Sha384,
        "sha512" or "sha-512" => ChecksumKind.Sha512,
        _ => null,
    };

    /// <summary>Bytes of a digest.</summary>
    public static int DigestLength(ChecksumKind kind) => kind switch
    {
        ChecksumKind.Md5 => 16,
        ChecksumKind.Sha1 => 20,
        ChecksumKind.Sha224 => 28,
        ChecksumKind.Sha256 => 32,
        ChecksumKind.Sha384 => 48,
        _ => 64,
    };

    /// <summary>Computes the checksum of a stream from where it stands to its end.</summary>
    public static async Task<Checksum> ComputeAsync(ChecksumKind kind, Stream stream, CancellationToken token)
    {
        using var digest = new ChecksumDigest(kind);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer.AsMemory(0, BufferSize), token)) > 0) digest.Append(buffer.AsSpan(0, count));
            return digest.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Computes the checksum of a file.</summary>
    public static async Task<Checksum> ComputeAsync(ChecksumKind kind, string path, CancellationToken token)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);
        return await ComputeAsync(kind, stream, token);
    }

    /// <summary>The text in Packer's form: <c>sha256:…</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Hex}";
}
