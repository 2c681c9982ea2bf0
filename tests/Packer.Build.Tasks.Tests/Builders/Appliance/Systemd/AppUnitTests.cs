using Packer.Builders.Appliance;
using Packer.Builders.Appliance.Systemd;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>An app as a service.</summary>
[TestClass]
public sealed class AppUnitTests
{
    private static readonly GuestApp App = new()
    {
        Name = "app",
        Content = new AppContent("/publish", "My Web", "linux-x64"),
        Folder = "/app",
        Home = "/var/lib/app",
        User = new Account("web", 1654, "/var/lib/app"),
        WorkingDirectory = "/srv/100%",
        Environment = new Dictionary<string, string> { ["A"] = "it's \"one\" $HOME `x` \\ end", ["B"] = "two\nlines" },
        Arguments = ["plain", "", "with \"quotes\" and \\ and 100% $HOME", "two\nlines", ";"],
    };

    [TestMethod]
    public void It_is_started_as_it_is_in_the_other_shape()
    {
        var text = AppUnit.Text(App);

        foreach (var line in (string[])[
            "User=web",
            "WorkingDirectory=/srv/100%%",
            "EnvironmentFile=/etc/packer/app.env",
            """ExecStart=:"/app/My Web" "plain" "" "with \"quotes\" and \\ and 100%% $HOME" "two\x0alines" ";" """.TrimEnd(),
            "Restart=always",
            "RestartSec=1",
            "RestartMaxDelaySec=30",
            "TimeoutStopSec=30",
            "StandardOutput=journal+console",
            "SyslogIdentifier=app",
            "AmbientCapabilities=CAP_NET_BIND_SERVICE",
            "WantedBy=multi-user.target",
        ]) StringAssert.Contains(text, $"\n{line}\n");
        Assert.DoesNotContain("\r", text);
        Assert.DoesNotContain("AmbientCapabilities", AppUnit.Text(App with { User = new Account("root", 0, "/root") }));
    }

    [TestMethod]
    public void Its_environment_is_what_was_set_to_the_letter() =>
        Assert.AreEqual("A=\"it's \\\"one\\\" \\$HOME \\`x\\` \\\\ end\"\nB=\"two\nlines\"\n", AppUnit.EnvironmentText(App));
}
