using System.Globalization;
using System.Text;

namespace Packer.Builders.Appliance;

/// <summary>How the app is started: as a user without rights, in its folder, with its environment and arguments.</summary>
internal static class AppStart
{
    private const string PortsVariable = "ASPNETCORE_HTTP_PORTS";

    // Where one of these is set the user has chosen where the app listens; other ASP.NET Core settings say nothing of it.
    private static readonly string[] EndpointVariables = [PortsVariable, "ASPNETCORE_HTTPS_PORTS", "ASPNETCORE_URLS", "DOTNET_URLS", "DOTNET_HTTP_PORTS", "DOTNET_HTTPS_PORTS", "URLS", "HTTP_PORTS", "HTTPS_PORTS"];

    /// <summary>The environment of the app, in ordinal order; it has no other variables.</summary>
    public static IReadOnlyDictionary<string, string> Environment(ApplianceConfig config)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = SystemPaths.AppHome,
            ["PATH"] = "/usr/sbin:/usr/bin",
        };
        if (!config.Environment.Keys.Any(name => EndpointVariables.Contains(name, StringComparer.OrdinalIgnoreCase)))
            variables[PortsVariable] = config.HttpPort.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in config.Environment) variables[name] = value;
        return variables;
    }

    /// <summary>The script that becomes the app.</summary>
    public static string Script(ApplianceConfig config, string entryPoint)
    {
        var script = new StringBuilder("#!/bin/busybox sh\n# Becomes the app.\n");
        script.Append("cd ").Append(SystemPaths.App).Append(" || exit 1\n");
        script.Append("exec ").Append(SystemPaths.BusyBox).Append(" env -i");
        foreach (var (name, value) in Environment(config)) script.Append(" \\\n    ").Append(ShellText.Quote($"{name}={value}"));
        // With a process id file that is never there it starts the app without first looking for one that runs already: a child of the last one may.
        script.Append(" \\\n    ").Append(SystemPaths.BusyBox)
            .Append(CultureInfo.InvariantCulture, $" start-stop-daemon -S -p /run/packer/none -c {SystemPaths.AppUser}:{SystemPaths.AppUser} -x ")
            .Append(ShellText.Quote($"{SystemPaths.App}/{entryPoint}")).Append(" --");
        foreach (var argument in config.Arguments) script.Append(" \\\n    ").Append(ShellText.Quote(argument));
        return script.Append('\n').ToString();
    }
}
