using Packer.Communicators;

namespace Packer.Builders.Null;

/// <summary>Settings of the builder <c>null</c>.</summary>
public sealed record NullConfig
{
    /// <summary>How the machine is reached. The default is <c>none</c>: there is no machine, and only steps that run here can be used.</summary>
    [ConfigSquash]
    public CommunicatorConfig Connection { get; init; } = new() { Communicator = "none" };
}
