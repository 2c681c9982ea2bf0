namespace Packer.Debian;

/// <summary>What kind of thing went wrong, for callers that react to it or give it a diagnostic code.</summary>
internal enum DebianError
{
    /// <summary>The file is not clear-signed as it must be, holds text outside of the signature, or no signature verifies.</summary>
    SignatureInvalid,

    /// <summary>The file is signed, but by keys that are not in the keyring.</summary>
    SignatureUntrusted,

    /// <summary>The signature itself has expired, or its key had expired or was revoked when it was made.</summary>
    SignatureExpired,

    /// <summary>A keyring file cannot be read as OpenPGP public keys.</summary>
    KeyringInvalid,

    /// <summary>The archive's Valid-Until has passed: a stale mirror, or a replay of an old state.</summary>
    ReleaseExpired,

    /// <summary>The archive's Date lies in the future: the clock of this machine is wrong, or the mirror's.</summary>
    ReleaseNotYetValid,

    /// <summary>A correctly signed file, but of another suite than the one asked for.</summary>
    WrongSuite,

    /// <summary>Bytes with another SHA-256 or length than the signed index says.</summary>
    HashMismatch,

    /// <summary>The mirror answered that it has no such file.</summary>
    NotFound,

    /// <summary>The mirror did not answer, or the connection broke.</summary>
    Unreachable,

    /// <summary>A file is not of the format that it should have, or is truncated.</summary>
    Damaged,

    /// <summary>A file is longer than allowed, packed or expanded.</summary>
    TooLarge,

    /// <summary>A package or version that is asked for, or depended on, does not exist in the archives.</summary>
    Unsatisfiable,

    /// <summary>Two packages that are both needed declare that they cannot be installed together.</summary>
    Conflict,
}
