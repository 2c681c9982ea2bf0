namespace Packer.Builders.Appliance;

/// <summary>A folder of an image: an entry of <see cref="ApplianceConfig.Directories"/>.</summary>
public sealed record ImageDirectory
{
    /// <summary>Full path in the image. One that exists gets the permissions and the owner that are given here.</summary>
    [ConfigRequired]
    public string Path { get; init; } = "";

    /// <summary>Permissions in octal digits, <c>0750</c>. Default: <c>0755</c>, or what the folder has.</summary>
    public string? Mode { get; init; }

    /// <summary>User, or <c>user:group</c>, each by a name of the image or a number. Default: <c>root:root</c>, or what the folder has.</summary>
    public string? Owner { get; init; }
}
