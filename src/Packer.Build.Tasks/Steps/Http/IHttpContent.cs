namespace Packer.Steps.Http;

/// <summary>What a server gives away.</summary>
internal interface IHttpContent
{
    /// <summary>Looks for what a path names.</summary>
    /// <param name="names">The names of the path; none is empty, <c>.</c> or <c>..</c>.</param>
    /// <param name="isFolder">Whether the path ended with a slash.</param>
    HttpFinding Find(IReadOnlyList<string> names, bool isFolder);
}

/// <summary>What was found: a file, a folder whose path lacks its last slash, or nothing.</summary>
internal sealed record HttpFinding
{
    /// <summary>The file, or null.</summary>
    public HttpFile? File { get; init; }

    /// <summary>Whether the client is to ask again with a slash at the end, so that relative links in the folder's page work.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Why there is nothing, for the client and for the log.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A file to send.</summary>
/// <param name="Name">Its name, whose extension tells the kind of content.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">When it was changed last.</param>
/// <param name="Open">Opens it.</param>
internal sealed record HttpFile(string Name, long Length, DateTime Modified, Func<Stream> Open)
{
    /// <summary>Changes when the file changes (RFC 9110, section 8.8.3).</summary>
    public string EntityTag => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"{Modified.Ticks:x}-{Length:x}\"");

    public string ContentType => Path.GetExtension(Name).ToLowerInvariant() switch
    {
        ".html" or ".htm" => "text/html; charset=utf-8",
        ".txt" or ".cfg" or ".ks" or ".sh" or ".ps1" or ".yaml" or ".yml" or ".ipxe" or "" => "text/plain; charset=utf-8",
        ".json" => "application/json",
        ".xml" => "text/xml; charset=utf-8",
        _ => "application/octet-stream",
    };
}
