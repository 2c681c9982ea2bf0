using System.Globalization;
using System.Text;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>An app as a service of systemd (systemd.service(5), systemd.exec(5)).</summary>
internal static class AppUnit
{
    /// <summary>Where the environments lie.</summary>
    public const string EnvironmentFolder = "/etc/packer";

    private const string Folder = "/usr/lib/systemd/system/";

    /// <summary>Seconds that an app has to end when the machine stops: as in the other shape.</summary>
    private const int StopSeconds = 30;

    /// <summary>The name of an app's service.</summary>
    public static string NameOf(GuestApp app) => $"packer-{app.Name}.service";

    /// <summary>Where its unit lies.</summary>
    public static string PathOf(GuestApp app) => Folder + NameOf(app);

    /// <summary>Where its environment lies, which only root may read.</summary>
    public static string EnvironmentPathOf(GuestApp app) => $"{EnvironmentFolder}/{app.Name}.env";

    /// <summary>Whether systemd takes a text for the name of an environment variable; POSIX names alone are handed on.</summary>
    public static bool IsVariable(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The unit.</summary>
    public static string Text(GuestApp app)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            [Unit]
            Description=The app {app.Name}
            Wants=network-online.target
            After=network-online.target {SystemdFiles.HomesUnit} {SystemdFiles.MetadataUnit} {SystemdFiles.FirstBootUnit}
            StartLimitIntervalSec=0

            [Service]
            Type=exec
            User={app.User.Name}
            WorkingDirectory={Specifiers(app.WorkingDirectory)}
            EnvironmentFile={Specifiers(EnvironmentPathOf(app))}
            ExecStart=:{Word(app.Program)}{string.Concat(app.Arguments.Select(argument => " " + Word(argument)))}
            # From a second on, twice as long each time, to half a minute.
            Restart=always
            RestartSec=1
            RestartSteps=5
            RestartMaxDelaySec=30
            # The app alone is asked to end; it looks after its own processes.
            KillMode=mixed
            TimeoutStopSec={StopSeconds}
            # .NET's exit code of a program that SIGTERM has ended.
            SuccessExitStatus=143
            SyslogIdentifier={app.Name}
            StandardOutput=journal+console
            StandardError=inherit

            """);
        // It may be meant to listen on port 80 or 443.
        if (app.User.Id != 0) text.Append("AmbientCapabilities=CAP_NET_BIND_SERVICE\n");
        text.Append("\n[Install]\nWantedBy=multi-user.target\n");
        return text.Replace("\r\n", "\n").ToString();
    }

    /// <summary>The environment, in the form of EnvironmentFile.</summary>
    public static string EnvironmentText(GuestApp app) => string.Concat(app.Environment.Select(variable => $"{variable.Key}=\"{Escaped(variable.Value)}\"\n"));

    // Between double quotes a backslash takes the meaning from these, and all else stands for itself, line ends too.
    private static string Escaped(string value)
    {
        var text = new StringBuilder();
        foreach (var c in value) text.Append(c is '"' or '\\' or '$' or '`' ? "\\" : "").Append(c);
        return text.ToString();
    }

    // systemd.syntax(7), "Quoting", with escapes as in C; the colon before the program keeps "$" as it is.
    private static string Word(string text)
    {
        var word = new StringBuilder("\"");
        foreach (var c in text)
            _ = c switch
            {
                '"' => word.Append("\\\""),
                '\\' => word.Append(@"\\"),
                '%' => word.Append("%%"),
                _ when char.IsControl(c) && c < 0x80 => word.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => word.Append(c),
            };
        return word.Append('"').ToString();
    }

    private static string Specifiers(string path) => path.Replace("%", "%%", StringComparison.Ordinal);
}
