namespace Packer.Engine;

/// <summary>How patient downloads are.</summary>
internal sealed record FileCacheOptions
{
    /// <summary>A server that sends no byte for this long is given up on. Default: 60 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A server that does not answer within this is given up on. Default: 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an address is tried in vain, each time without a byte more than before, before the next one has its turn. Default: 4.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>Wait after the first failure; doubled after each further one. Default: 1 s.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two tries, also where a server asks for more. Default: 30 s.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);
}
