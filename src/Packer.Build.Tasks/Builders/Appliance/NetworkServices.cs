using System.Net;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>What the machine does with the network for itself: IPv6 addresses, the time, and what a cloud says of it. Nothing of it listens.</summary>
internal static class NetworkServices
{
    /// <summary>The one value of <see cref="ApplianceConfig.TimeServers"/> that means that the clock is left alone.</summary>
    public const string NoTimeServers = "none";

    private const string TimeServersFile = SystemPaths.Scripts + "/time-servers";

    /// <summary>Adds the scripts and programs that the settings ask for.</summary>
    public static void AddTo(FileTree tree, ApplianceConfig config, MachineArchitecture architecture, long timestamp)
    {
        AddScript(GuestFiles.Platform);
        AddScript(GuestFiles.Ipv6);
        AddScript(GuestFiles.Dhcp6);
        AddProgram(GuestFiles.Router);
        if (config.CloudMetadata) AddMetadata(tree, timestamp);
        if (config.TimeServers is [NoTimeServers]) return;
        AddScript(GuestFiles.Time);
        AddProgram(GuestFiles.Sntp);
        if (config.TimeServers.Count > 0) tree.AddFile(TimeServersFile, string.Concat(config.TimeServers.Select(server => server + "\n")), new NodeMetadata(Permissions.Octal(644), timestamp));

        void AddScript(string name) => GuestFiles.AddScript(tree, name, timestamp);
        void AddProgram(string name) => tree.AddFile($"{SystemPaths.Scripts}/{name}", new BytesSource(GuestFiles.ReadProgram(name, architecture)), new NodeMetadata(Permissions.Octal(755), timestamp));
    }

    /// <summary>Adds the scripts that take over what a cloud says of the machine; they need BusyBox.</summary>
    public static void AddMetadata(FileTree tree, long timestamp)
    {
        foreach (var name in (string[])[GuestFiles.Platform, GuestFiles.Metadata, GuestFiles.StartMetadata]) GuestFiles.AddScript(tree, name, timestamp);
    }

    /// <summary>Reports every time server that cannot be one: the key and the message.</summary>
    public static void Check(ApplianceConfig config, Action<string, string> wrong)
    {
        foreach (var server in config.TimeServers.Where(server => !IsServer(server)))
            wrong(nameof(config.TimeServers), $"'{server}' is not the name of a host or an IP address. Give names such as 'ntp.example.org', or addresses, without a port.");
        if (config.TimeServers.Count > 1 && config.TimeServers.Contains(NoTimeServers, StringComparer.Ordinal))
            wrong(nameof(config.TimeServers), $"'{NoTimeServers}' leaves the clock alone, and other servers stand beside it. Remove one or the other.");
    }

    // The program in the machine takes no zone behind a link-local address, and no IPv4 address inside of an IPv6 address.
    private static bool IsServer(string server) => server.Contains(':', StringComparison.Ordinal)
        ? server.All(c => char.IsAsciiHexDigit(c) || c == ':') && IPAddress.TryParse(server, out _)
        : server.All(c => char.IsAsciiDigit(c) || c == '.') ? server.Split('.').Length == 4 && IPAddress.TryParse(server, out _) : HostNames.IsValid(server);
}
