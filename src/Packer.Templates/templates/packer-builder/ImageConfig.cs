using Packer;

namespace Company.Builder1;

/// <summary>Settings of the builder: each property is a key, which an image sets as metadata.</summary>
public sealed record ImageConfig
{
    /// <summary>Whom to greet.</summary>
    [ConfigRequired]
    public string Greet { get; init; } = "";
}
