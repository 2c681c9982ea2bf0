namespace Packer.Engine;

/// <summary>Tells the causes of an <see cref="IOException"/> apart that need different answers.</summary>
internal static class FileErrors
{
    /// <summary>Whether no space, or no more of the user's quota, is left. ENOSPC is 28 on Linux and macOS, EDQUOT 122 and 69.</summary>
    public static bool IsDiskFull(Exception exception) => exception is IOException && exception.HResult is
        28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    /// <summary>Whether another handle holds the file. EWOULDBLOCK is 11 on Linux and 35 on macOS.</summary>
    public static bool IsHeldByAnother(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    /// <summary>The error for a disk that is full.</summary>
    /// <param name="path">What was being written.</param>
    /// <param name="cause">The exception that said so.</param>
    public static PackerException DiskFull(string path, Exception cause) => new(DiagnosticCodes.DiskFull,
        $"No space is left on the disk for '{path}'. Free some space, or set PackerCacheDir or PackerOutputPath to another disk.", cause);
}
