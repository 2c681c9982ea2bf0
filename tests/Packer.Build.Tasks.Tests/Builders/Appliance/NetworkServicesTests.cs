using System.Text;
using Packer.Builders.Appliance;
using Packer.Imaging;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What of a machine's own use of the network is in an image.</summary>
[TestClass]
public sealed class NetworkServicesTests
{
    private static readonly string[] Always = ["dhcp6", "ipv6", "platform", "router"];
    private static readonly string[] Time = ["sntp", "time"];

    [TestMethod]
    public void All_of_it_is_there_unless_it_is_switched_off()
    {
        CollectionAssert.AreEqual((string[])["dhcp6", "ipv6", "metadata", "platform", "router", "sntp", "start-metadata", "time"], Files(new ApplianceConfig()));
        CollectionAssert.AreEqual((string[])[.. Always, .. Time], Files(new ApplianceConfig { CloudMetadata = false }));
        CollectionAssert.AreEqual((string[])[.. Always[..2], "metadata", .. Always[2..], "start-metadata"], Files(new ApplianceConfig { TimeServers = ["none"] }));
    }

    [TestMethod]
    public void Time_servers_of_one_s_own_stand_in_a_file()
    {
        var tree = Tree(new ApplianceConfig { TimeServers = ["time.example.test", "192.0.2.1", "2001:db8::1"] });
        Assert.AreEqual("time.example.test\n192.0.2.1\n2001:db8::1\n", Encoding.UTF8.GetString(tree.Get("/usr/lib/packer/time-servers").Data.ReadAll()));
    }

    [TestMethod]
    public void Programs_can_be_run_and_are_those_of_this_assembly()
    {
        var tree = Tree(new ApplianceConfig());
        foreach (var (_, node) in tree.Walk().Where(entry => entry.Node.Type == NodeType.File)) Assert.AreEqual(Permissions.Octal(755), node.Metadata.Mode);
        foreach (var name in (string[])["sntp", "router"]) CollectionAssert.AreEqual("\u007FELF"u8.ToArray(), tree.Get($"/usr/lib/packer/{name}").Data.ReadAll()[..4]);
    }

    [TestMethod]
    [DataRow("time.example.test", true)]
    [DataRow("ntp1", true)]
    [DataRow("192.0.2.1", true)]
    [DataRow("2001:db8::1", true)]
    [DataRow("none", true)]
    [DataRow("", false)]
    [DataRow("192.0.2", false)]
    [DataRow("192.0.2.256", false)]
    [DataRow("time.example.test:123", false)]
    [DataRow("[2001:db8::1]", false)]
    [DataRow("fe80::1%eth0", false)]
    [DataRow("::ffff:192.0.2.1", false)]
    [DataRow("a b", false)]
    [DataRow("$(reboot)", false)]
    public void A_time_server_is_a_name_or_an_address(string server, bool valid)
    {
        var errors = Errors(server);
        Assert.AreEqual(valid, errors.Count == 0, string.Join('\n', errors));
    }

    [TestMethod]
    public void None_stands_alone() => StringAssert.Contains(Errors("none", "192.0.2.1").Single(), "leaves the clock alone");

    /// <summary>The shell of this machine reads every script; those that it would misread stop a machine.</summary>
    [TestMethod]
    [TestCategory("Rig")]
    public async Task Every_script_of_the_guest_can_be_read()
    {
        Rig.Require("sh");
        foreach (var script in Directory.GetFiles(RepositoryFiles.FullPath("src", "Packer.Build.Tasks", "Builders", "Appliance", "Guest")).Where(file => Path.GetFileName(file) != GuestFiles.InitTable))
            await Tool.RunAsync("sh", "-n", script);
    }

    private static List<string> Errors(params string[] servers)
    {
        var errors = new List<string>();
        NetworkServices.Check(new ApplianceConfig { TimeServers = servers }, (key, message) =>
        {
            Assert.AreEqual("TimeServers", key);
            errors.Add(message);
        });
        return errors;
    }

    private static string[] Files(ApplianceConfig config) => [.. Tree(config).Walk().Where(entry => entry.Node.Type == NodeType.File).Select(entry => entry.Path["/usr/lib/packer/".Length..])];

    private static FileTree Tree(ApplianceConfig config)
    {
        var tree = new FileTree(0);
        NetworkServices.AddTo(tree, config, MachineArchitecture.X64, 0);
        return tree;
    }
}
