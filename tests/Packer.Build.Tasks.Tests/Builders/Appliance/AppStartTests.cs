using Packer.Builders.Appliance;
using Packer.Engine;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class AppStartTests
{
    [TestMethod]
    public void The_port_is_told_to_the_app()
    {
        Assert.AreEqual("8080", Environment(new ApplianceConfig())["ASPNETCORE_HTTP_PORTS"]);
        Assert.AreEqual("80", Environment(new ApplianceConfig { HttpPort = 80 })["ASPNETCORE_HTTP_PORTS"]);
    }

    [TestMethod]
    [DataRow("ASPNETCORE_URLS")]
    [DataRow("ASPNETCORE_HTTPS_PORTS")]
    [DataRow("ASPNETCORE_HTTP_PORTS")]
    [DataRow("aspnetcore_urls")]
    public void Who_sets_where_the_app_listens_is_left_alone(string name)
    {
        var environment = Environment(new ApplianceConfig { Environment = new Dictionary<string, string> { [name] = "x" } });

        Assert.AreEqual("x", environment[name]);
        Assert.DoesNotContain("8080", environment.Values);
    }

    [TestMethod]
    public void Other_settings_leave_the_port()
    {
        var environment = Environment(new ApplianceConfig { Environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Staging", ["HOME"] = "/tmp" } });

        Assert.AreEqual("8080", environment["ASPNETCORE_HTTP_PORTS"]);
        Assert.AreEqual("/tmp", environment["HOME"]);
    }

    [TestMethod]
    public async Task A_shell_reads_names_values_and_arguments_as_they_were_written()
    {
        Rig.Require("sh", "env");
        string[] texts = ["plain", "two words", "it's", "$HOME `id` \"x\" \\ !", "line\nline", "", "ü€", "-n", "*"];
        var config = new ApplianceConfig
        {
            Environment = texts.Select((text, index) => (text, index)).ToDictionary(pair => $"A.B__{pair.index}", pair => pair.text),
            Arguments = texts,
        };
        var words = AppStart.Script(App(config)).Split("exec /usr/bin/busybox ")[1];
        // The same words for a program that prints its arguments, one each line, with a bar at both ends.
        var script = "printf '|%s|\\n' " + words;

        var output = await Imaging.Tool.RunAsync("sh", "-c", script);

        foreach (var text in texts) StringAssert.Contains(output, $"|{text}|\n");
        foreach (var variable in config.Environment) StringAssert.Contains(output, $"|{variable.Key}={variable.Value}|\n");
        StringAssert.Contains(output, "|1654:1654|\n");
        StringAssert.Contains(output, "|/app/my app|\n");
    }

    [TestMethod]
    public void An_app_has_its_own_user_and_folder()
    {
        var script = AppStart.Script(App(new ApplianceConfig { User = "5000", WorkingDirectory = "/srv/it's" }));

        StringAssert.Contains(script, @"cd '/srv/it'\''s' || exit 1");
        StringAssert.Contains(script, " -c 5000:5000 ");
        Assert.AreEqual(0u, App(new ApplianceConfig { User = "root" }).User.Id);
        Assert.AreEqual(new Account("web", 1654, "/var/lib/app"), App(new ApplianceConfig { User = "web" }).User);
    }

    [TestMethod]
    public void The_ports_of_an_image_are_those_of_its_apps_unless_they_are_named()
    {
        var app = new AppContent("/publish", "my app", "linux-x64")
        {
            AddedApps = [new AddedApp("api", new AppContent("/api", "Api", "linux-x64"), new AppOptions { HttpPort = 9000 }), new AddedApp("worker", new AppContent("/worker", "Worker", "linux-x64"), new AppOptions())],
        };
        CollectionAssert.AreEqual((int[])[8080, 9000], GuestApp.Ports(new ApplianceConfig(), app).ToArray());
        CollectionAssert.AreEqual((int[])[5432, 80], GuestApp.Ports(new ApplianceConfig { Ports = [5432, 80, 5432] }, app).ToArray());
    }

    private static IReadOnlyDictionary<string, string> Environment(ApplianceConfig config) => App(config).Environment;

    private static GuestApp App(ApplianceConfig config) => GuestApp.All(config, new AppContent("/publish", "my app", "linux-x64"), new Accounts())[0];
}
