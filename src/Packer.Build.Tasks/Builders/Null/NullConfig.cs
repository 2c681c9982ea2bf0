namespace Packer.Builders.Null;

/// <summary>Settings of the builder <c>null</c>.</summary>
public sealed record NullConfig
{
    /// <summary>How the machine is reached. <c>none</c> (the default): there is no machine, and only steps that run here can be used.</summary>
    [ConfigChoice("none")]
    public string Communicator { get; init; } = "none";
}
