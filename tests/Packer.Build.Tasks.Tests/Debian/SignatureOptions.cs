using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Tests.Debian;

/// <summary>How a test key signs a text.</summary>
internal sealed record SignatureOptions
{
    public HashAlgorithmTag Hash { get; init; } = HashAlgorithmTag.Sha256;

    public int Type { get; init; } = PgpSignature.CanonicalTextDocument;

    public DateTime SignedAt { get; init; } = TestKey.Now.UtcDateTime;

    public TimeSpan? ExpiresAfter { get; init; }

    public bool UnknownCriticalPart { get; init; }
}
