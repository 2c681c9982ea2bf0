namespace Packer.Debian;

/// <summary>
/// What this layer needs of the network and of the cache. All methods throw <see cref="DebianException"/> of kind
/// <see cref="DebianError.NotFound"/>, <see cref="DebianError.Unreachable"/>, <see cref="DebianError.HashMismatch"/> or
/// <see cref="DebianError.TooLarge"/> for what a mirror can do wrong; other exceptions pass through this layer unchanged.
/// </summary>
internal interface IDebianFetcher
{
    /// <summary>The bytes of a small mutable file (InRelease); never cached as trusted.</summary>
    /// <param name="address">Where the file lies.</param>
    /// <param name="maximumLength">The most bytes to accept.</param>
    /// <param name="token">Ends the transfer.</param>
    Task<byte[]> GetAsync(Uri address, long maximumLength, CancellationToken token);

    /// <summary>The path of a cached file with exactly this SHA-256 (verified), downloaded from the first address that has it.</summary>
    /// <param name="addresses">The places to try, in order; the next is tried when one has no such file, cannot be reached or has other bytes.</param>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <param name="length">The exact length in bytes.</param>
    /// <param name="description">What the file is, for progress and messages.</param>
    /// <param name="token">Ends the transfer.</param>
    Task<string> GetFileAsync(IReadOnlyList<Uri> addresses, string sha256, long length, string description, CancellationToken token);

    /// <summary>
    /// The path of a file derived from others, made once per key (atomic publication), in the named category of the cache. A file that was
    /// deleted counts as not made.
    /// </summary>
    /// <param name="category">The kind of file: lower-case letters and hyphens.</param>
    /// <param name="key">Lower-case letters, digits and hyphens, unique in the category.</param>
    /// <param name="produce">Writes the file to the path that it is given.</param>
    /// <param name="token">Ends the work.</param>
    Task<string> GetDerivedAsync(string category, string key, Func<string, CancellationToken, Task> produce, CancellationToken token);
}
