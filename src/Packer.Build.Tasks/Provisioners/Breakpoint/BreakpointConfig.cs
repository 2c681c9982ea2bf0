namespace Packer.Provisioners.Breakpoint;

/// <summary>Settings of <c>breakpoint</c>, which lets a person look at the machine.</summary>
public sealed record BreakpointConfig
{
    /// <summary>What is said there.</summary>
    [NotPartOfImage]
    public string Note { get; init; } = "";

    /// <summary>Whether the build goes on without a pause.</summary>
    [NotPartOfImage]
    public bool Disable { get; init; }
}
