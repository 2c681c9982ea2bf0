using System.Text;

namespace Packer.Builders.Appliance;

/// <summary>The scripts that run in the image: resources of this assembly, from the folder <c>Guest</c>.</summary>
internal static class GuestFiles
{
    public const string Init = "init";
    public const string InitTable = "inittab";
    public const string Boot = "boot";
    public const string Dhcp = "dhcp";
    public const string Supervise = "supervise";
    public const string Stop = "stop";
    public const string PowerButton = "power-button";

    private const string Prefix = "Packer.Appliance.Guest.";

    /// <summary>The text of a file, with Unix line ends whatever the source was checked out with.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(GuestFiles).Assembly.GetManifestResourceStream(Prefix + name) ?? throw new InvalidOperationException($"The assembly lacks the resource '{name}'.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
