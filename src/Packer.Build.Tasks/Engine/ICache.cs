namespace Packer;

/// <summary>
/// Files shared by all projects and processes of a user (<c>PackerCacheDir</c>). What is found in it is whole and verified:
/// files are published by an atomic move, and a lock keeps two processes from making the same one twice.
/// </summary>
public interface ICache
{
    /// <summary>Full path of the cache folder.</summary>
    string DirectoryPath { get; }

    /// <summary>
    /// Returns the path of a file with the content asked for, downloading it where the cache lacks it. Partial downloads are resumed;
    /// the checksum is verified on the first use of a file in each build. A local source is used in place.
    /// </summary>
    /// <param name="request">Where the file is, and what it must be.</param>
    /// <param name="ui">Is told what is tried and how far it is.</param>
    /// <param name="token">Stops the download; the part that is here stays for the next try.</param>
    /// <exception cref="PackerException">No address gave the file (<see cref="DiagnosticCodes.DownloadFailed"/>), its checksum is wrong, the disk is full.</exception>
    Task<string> DownloadAsync(DownloadRequest request, IUi ui, CancellationToken token);

    /// <summary>Returns the path of a file that is made from others, making it where the cache lacks it.</summary>
    /// <param name="category">A folder of the cache: letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</param>
    /// <param name="key">Names the content: a hash of all that it is made from.</param>
    /// <param name="produce">Writes the file to the path it is given. When it throws, nothing is published.</param>
    /// <param name="token">Stops the work.</param>
    Task<string> GetOrAddAsync(string category, string key, Func<string, CancellationToken, Task> produce, CancellationToken token);

    /// <summary>Holds a lock, across processes, until the result is disposed.</summary>
    /// <param name="name">Letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</param>
    /// <param name="token">Stops the waiting.</param>
    Task<IAsyncDisposable> LockAsync(string name, CancellationToken token);
}

/// <summary>A file to get through <see cref="ICache.DownloadAsync"/>.</summary>
/// <param name="Addresses">Tried in order: <c>http:</c>, <c>https:</c> and <c>file:</c> addresses.</param>
/// <param name="Checksum">
/// Packer's forms: <c>none</c>, a bare hexadecimal digest whose length tells its kind, <c>type:hex</c> with md5, sha1, sha224, sha256, sha384 or
/// sha512, or <c>file:</c> and the address or path of a checksum file.
/// </param>
/// <param name="Description">What the file is, for messages: <c>ISO</c>.</param>
public sealed record DownloadRequest(IReadOnlyList<Uri> Addresses, string Checksum, string Description)
{
    /// <summary>Extension of the cached file without its dot, for tools that look at it. Default: that of the first address.</summary>
    public string? Extension { get; init; }

    /// <summary>
    /// Full path of the folder of the project: a relative path of a checksum file is looked for there first, then beside the first address. Default:
    /// only beside the first address.
    /// </summary>
    public string? ProjectDirectory { get; init; }

    /// <summary>Bytes that the file must have, or null where not known.</summary>
    public long? Length { get; init; }
}
