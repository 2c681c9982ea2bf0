using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The scripts and programs that run in the image: resources of this assembly, from the folders <c>Guest</c> and <c>Programs</c>.</summary>
internal static class GuestFiles
{
    public const string Init = "init";
    public const string InitTable = "inittab";
    public const string Boot = "boot";
    public const string Dhcp = "dhcp";
    public const string Supervise = "supervise";
    public const string Stop = "stop";
    public const string PowerButton = "power-button";
    public const string Platform = "platform";
    public const string Metadata = "metadata";
    public const string StartMetadata = "start-metadata";
    public const string Time = "time";
    public const string Ipv6 = "ipv6";
    public const string Dhcp6 = "dhcp6";
    public const string MountHomes = "mount-homes";
    public const string ConfigurePackages = "configure-packages";

    public const string Grow = "grow";
    public const string Verity = "verity";
    public const string Sntp = "sntp";
    public const string Router = "router";

    private const string Prefix = "Packer.Appliance.Guest.";

    /// <summary>The text of a file, with Unix line ends whatever the source was checked out with.</summary>
    public static string Read(string name)
    {
        using var stream = Open(name);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Adds a script to the folder of those of the image.</summary>
    public static void AddScript(FileTree tree, string name, long timestamp) =>
        tree.AddFile($"{SystemPaths.Scripts}/{name}", Read(name), new NodeMetadata(Permissions.Octal(755), timestamp));

    /// <summary>The bytes of a program for a processor.</summary>
    public static byte[] ReadProgram(string name, MachineArchitecture architecture)
    {
        using var stream = Open($"{name}.{architecture.Debian}.bin");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static Stream Open(string name) =>
        typeof(GuestFiles).Assembly.GetManifestResourceStream(Prefix + name) ?? throw new InvalidOperationException($"The assembly lacks the resource '{name}'.");
}
