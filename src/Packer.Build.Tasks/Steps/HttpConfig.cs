namespace Packer.Steps;

/// <summary>Which versions of the Internet Protocol the HTTP server speaks.</summary>
public enum HttpNetworkProtocol
{
    /// <summary>That of the address it listens at; both at <c>::</c>.</summary>
    Tcp,

    /// <summary>Version 4.</summary>
    Tcp4,

    /// <summary>Version 6.</summary>
    Tcp6,
}

/// <summary>Settings of the HTTP server that gives files to the machine while it is built. Without a directory and content there is none.</summary>
public sealed record HttpConfig
{
    /// <summary>
    /// The folder whose files are served. A request for a folder gets its <c>index.html</c>. Symbolic links that lead out of the folder are refused. Either
    /// this or <see cref="HttpContent"/>.
    /// </summary>
    [InputDirectory]
    public string? HttpDirectory { get; init; }

    /// <summary>Texts that are served, by path; each path begins with <c>/</c>. Either this or <see cref="HttpDirectory"/>.</summary>
    public IReadOnlyDictionary<string, string> HttpContent { get; init; } = new Dictionary<string, string>();

    /// <summary>The least port that the server may take; a free one is chosen at random. Default: 8000.</summary>
    [NotPartOfImage]
    [ConfigRange(1, 65535)]
    public int HttpPortMin { get; init; } = 8000;

    /// <summary>The greatest port that the server may take. Default: 9000.</summary>
    [NotPartOfImage]
    [ConfigRange(1, 65535)]
    public int HttpPortMax { get; init; } = 9000;

    /// <summary>The IP address of this machine that the server listens at; <c>0.0.0.0</c> for all. Default: the narrowest that the machine being built can reach.</summary>
    [NotPartOfImage]
    public string? HttpBindAddress { get; init; }

    /// <summary>The network interface of this machine whose address the server listens at. Either this or <see cref="HttpBindAddress"/>.</summary>
    [NotPartOfImage]
    public string? HttpInterface { get; init; }

    /// <summary>Which versions of the Internet Protocol the server speaks: <c>tcp</c>, <c>tcp4</c> or <c>tcp6</c>. Default: <c>tcp</c>, that of its address.</summary>
    [NotPartOfImage]
    public HttpNetworkProtocol HttpNetworkProtocol { get; init; } = HttpNetworkProtocol.Tcp;
}
