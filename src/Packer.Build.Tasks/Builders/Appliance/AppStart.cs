using System.Globalization;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>How the app is started: as its user, in its folder, with its environment and arguments.</summary>
internal static class AppStart
{
    private const string PortsVariable = "ASPNETCORE_HTTP_PORTS";

    // Where one of these is set the user has chosen where the app listens; other ASP.NET Core settings say nothing of it.
    private static readonly string[] EndpointVariables = [PortsVariable, "ASPNETCORE_HTTPS_PORTS", "ASPNETCORE_URLS", "DOTNET_URLS", "DOTNET_HTTP_PORTS", "DOTNET_HTTPS_PORTS", "URLS", "HTTP_PORTS", "HTTPS_PORTS"];

    /// <summary>The environment of an app, in ordinal order; it has no other variables.</summary>
    /// <param name="home">Its home folder.</param>
    /// <param name="httpPort">The port that it is told to listen on, or null.</param>
    /// <param name="own">The variables of the user.</param>
    public static IReadOnlyDictionary<string, string> Environment(string home, int? httpPort, IReadOnlyDictionary<string, string> own)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home,
            ["PATH"] = "/usr/sbin:/usr/bin",
        };
        if (httpPort is { } port && !own.Keys.Any(name => EndpointVariables.Contains(name, StringComparer.OrdinalIgnoreCase)))
            variables[PortsVariable] = port.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in own) variables[name] = value;
        return variables;
    }

    /// <summary>Refuses an app that could not be started where it is to be.</summary>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.WorkingDirectoryMissing"/>.</exception>
    public static void Check(FileTree tree, GuestApp app)
    {
        var found = tree.Find(app.WorkingDirectory);
        // Where a link leads is not looked at: /var/run and the like are there only while the machine runs.
        if (found?.Type is not (NodeType.Directory or NodeType.SymbolicLink)) throw new PackerException(DiagnosticCodes.WorkingDirectoryMissing,
            $"The app '{app.Name}' is to be started in '{app.WorkingDirectory}', which is no folder of the image. Add it to Directories, or correct WorkingDirectory.");
    }

    /// <summary>The script that becomes an app.</summary>
    public static string Script(GuestApp app)
    {
        var script = new StringBuilder("#!/bin/busybox sh\n# Becomes the app.\n");
        script.Append("cd ").Append(ShellText.Quote(app.WorkingDirectory)).Append(" || exit 1\n");
        script.Append("exec ").Append(SystemPaths.BusyBox).Append(" env -i");
        foreach (var (name, value) in app.Environment) script.Append(" \\\n    ").Append(ShellText.Quote($"{name}={value}"));
        // With a process id file that is never there it starts the app without first looking for one that runs already: a child of the last one may.
        script.Append(" \\\n    ").Append(SystemPaths.BusyBox)
            .Append(CultureInfo.InvariantCulture, $" start-stop-daemon -S -p /run/packer/none -c {app.User.Id}:{app.User.Id} -x ")
            .Append(ShellText.Quote(app.Program)).Append(" --");
        foreach (var argument in app.Arguments) script.Append(" \\\n    ").Append(ShellText.Quote(argument));
        return script.Append('\n').ToString();
    }
}
