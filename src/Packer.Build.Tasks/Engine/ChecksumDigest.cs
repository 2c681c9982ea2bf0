using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

namespace Packer.Engine;

/// <summary>Computes a checksum piece by piece.</summary>
internal sealed class ChecksumDigest : IDisposable
{
    private readonly ChecksumKind kind;
    private readonly IncrementalHash? hash;

    /// <summary>SHA-224 (FIPS 180-4), the one kind that .NET lacks.</summary>
    private readonly Sha224Digest? sha224;

    /// <summary>Begins a checksum.</summary>
    public ChecksumDigest(ChecksumKind kind)
    {
        this.kind = kind;
        if (kind == ChecksumKind.Sha224) sha224 = new Sha224Digest();
        else hash = IncrementalHash.CreateHash(Algorithm(kind));
    }

    /// <summary>Takes in the next piece.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        hash?.AppendData(data);
        sha224?.BlockUpdate(data);
    }

    /// <summary>Returns the checksum of all that was taken in, and begins anew.</summary>
    public Checksum Finish()
    {
        Span<byte> digest = stackalloc byte[Checksum.DigestLength(kind)];
        if (sha224 is null) hash!.GetHashAndReset(digest);
        else sha224.DoFinal(digest);
        return new Checksum(kind, Convert.ToHexStringLower(digest));
    }

    /// <inheritdoc />
    public void Dispose() => hash?.Dispose();

    private static HashAlgorithmName Algorithm(ChecksumKind kind) => kind switch
    {
        ChecksumKind.Md5 => HashAlgorithmName.MD5,
        ChecksumKind.Sha1 => HashAlgorithmName.SHA1,
        ChecksumKind.Sha256 => HashAlgorithmName.SHA256,
        ChecksumKind.Sha384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };
}
