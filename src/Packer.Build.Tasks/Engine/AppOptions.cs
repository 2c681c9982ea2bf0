namespace Packer.Engine;

/// <summary>How an added app is started: the metadata of an item <c>PackerImageApp</c>. They mean what the keys of the same names mean for the image's own app.</summary>
internal sealed record AppOptions
{
    /// <summary>Arguments of the app, passed as they are. Default: none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables of the app. Default: <c>HOME</c> and <c>PATH</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>User that the app runs as. Default: the user of the image.</summary>
    public string? User { get; init; }

    /// <summary>Folder that the app is started in. Default: its own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>TCP port on which an ASP.NET Core app listens for HTTP. Default: none is set.</summary>
    [ConfigRange(1, 65535)]
    public int? HttpPort { get; init; }
}
