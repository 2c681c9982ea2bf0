using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>
/// Machines in clouds and networks of many kinds, under QEMU: the firmware says whose cloud it is, and services on the loopback address of this host answer as the
/// cloud's documentation says, refusing what the cloud would refuse.
/// </summary>
[TestClass]
[TestCategory("Rig")]
public sealed partial class NetworkServicesRigTests
{
    private const string FirstKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFirst first@example.test";
    private const string SecondKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhSecond second@example.test";
    private const string UserData = "{ \"mode\": \"blue\" }";
    private const string UserDataSeen = "probe: /run/packer/user-data: OtherRead, GroupRead, UserWrite, UserRead: " + UserData;
    private const string Keys = "/root/.ssh/authorized_keys";
    private const string MetadataAddress = "169.254.169.254";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static ApplianceRig? rig;

    private static ApplianceRig Shared => ApplianceRig.Require(rig);

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static async Task PublishAsync(TestContext context)
    {
        rig = await ApplianceRig.CreateAsync(folder => PublishProbeAsync(folder["project"], folder["publish"]));
    }

    [ClassCleanup]
    public static void RemoveFolder() => rig?.Dispose();

    /// <summary>Amazon, of its two protocols the one with a token; with an SSH server in the image, whose keys are root's.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Amazon_gives_name_keys_and_user_data()
    {
        QemuGuest.Require();
        const string Token = "AQAEAMx3dG9rZW4=";
        const string Name = "ip-10-1-2-3.eu-west-1.compute.internal";
        await using var server = new MetadataServer(request => request switch
        {
            { Method: "PUT", Path: "/latest/api/token" } => request.Headers.ContainsKey("X-aws-ec2-metadata-token-ttl-seconds") ? (200, Token) : (400, ""),
            _ when !request.Has("X-aws-ec2-metadata-token", Token) => (401, "Unauthorized"),
            { Path: "/latest/meta-data/local-hostname" } => (200, Name),
            { Path: "/latest/meta-data/public-keys/" } => (200, "0=first key\n1=second"),
            { Path: "/latest/meta-data/public-keys/0/openssh-key" } => (200, FirstKey),
            { Path: "/latest/meta-data/public-keys/1/openssh-key" } => (200, SecondKey + "\n"),
            { Path: "/latest/user-data" } => (200, UserData),
            _ => (404, "Not Found"),
        });
        var config = Config() with { Packages = ["dropbear-bin"] };
        var options = Options(await Shared.BuildAsync(TestContext, "amazon", config)) with
        {
            NetworkSettings = ",net=169.254.0.0/16" + await ForwardAsync("amazon-relay", server, MetadataAddress),
            Arguments = ["-smbios", "type=1,manufacturer=Amazon EC2,product=t3.micro"],
        };
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("packer: the metadata of amazon are taken over", Patience);
            await guest.WaitForConsoleAsync(UserDataSeen, Patience);
            // It was there before the app.
            await guest.WaitForConsoleAsync($"probe: started on {Name}", Patience);
            await guest.WaitForConsoleAsync($"probe: {Keys}: UserWrite, UserRead: {FirstKey}\n{SecondKey}\n", Patience);
            await guest.WaitForConsoleAsync($"127.0.1.1 {Name} ip-10-1-2-3", Patience);
        });
        Assert.IsEmpty(Refused(server));
    }

    /// <summary>Azure, which also waits for the report that the machine is ready.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Azure_gives_name_and_user_data_and_is_told_that_the_machine_is_ready()
    {
        QemuGuest.Require();
        const string Compute = "/metadata/instance/compute";
        const string Query = "?api-version=2021-02-01&format=text";
        const string GoalState = """
            <?xml version="1.0" encoding="utf-8"?>
            <GoalState xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="goalstate10.xsd">
              <Version>2012-11-30</Version>
              <Incarnation>3</Incarnation>
              <Machine><ExpectedState>Started</ExpectedState></Machine>
              <Container>
                <ContainerId>f5940043-dbed-419c-9122-d77a4ac854b7</ContainerId>
                <RoleInstanceList><RoleInstance><InstanceId>79247837105c4470.web</InstanceId><State>Started</State></RoleInstance></RoleInstanceList>
              </Container>
            </GoalState>
            """;
        await using var server = new MetadataServer(request => request switch
        {
            { Path: "/machine?comp=goalstate", Method: "GET" } => request.Has("x-ms-version", "2012-11-30") ? (200, GoalState) : (400, ""),
            { Path: "/machine?comp=health", Method: "POST" } =>
                request.Has("x-ms-version", "2012-11-30") && request.Has("Content-Type", "text/xml;charset=utf-8") && IsReady(request.Body) ? (200, "") : (400, ""),
            _ when !request.Has("Metadata", "true") => (400, "Bad request. Required metadata header not specified"),
            { Path: Compute + "/osProfile/computerName" + Query } => (200, "blue-vm"),
            { Path: Compute + "/publicKeys/0/keyData" + Query } => (200, FirstKey),
            { Path: Compute + "/userData" + Query } => (200, Convert.ToBase64String(Encoding.UTF8.GetBytes(UserData))),
            _ => (404, "{ \"error\": \"Not found\" }"),
        });
        var options = Options(await Shared.BuildOnceAsync(TestContext, "plain", Config())) with
        {
            // One network that has the addresses of both services.
            NetworkSettings = ",net=168.0.0.0/7" + await ForwardAsync("azure-relay", server, MetadataAddress, "168.63.129.16"),
            Arguments = ["-smbios", "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine", "-smbios", "type=3,asset=7783-7084-3265-9085-8269-3286-77"],
        };
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("packer: the platform has the report that this machine is ready", Patience);
            await guest.WaitForConsoleAsync("packer: the metadata of azure are taken over", Patience);
            await guest.WaitForConsoleAsync("probe: started on blue-vm", Patience);
            await guest.WaitForConsoleAsync(UserDataSeen, Patience);
            // Nobody could use a key here.
            await guest.WaitForConsoleAsync($"probe: {Keys}: not there", Patience);
        });
        Assert.IsEmpty(Refused(server));
        Assert.AreEqual(1, server.Requests.Count(entry => entry is { Request.Method: "POST", Status: 200 }));

        static bool IsReady(string text)
        {
            var health = XDocument.Parse(text).Root!;
            var container = health.Element("Container")!;
            var role = container.Element("RoleInstanceList")!.Element("Role")!;
            return health.Name == "Health" && health.Element("GoalStateIncarnation")!.Value == "3" && container.Element("ContainerId")!.Value == "f5940043-dbed-419c-9122-d77a4ac854b7"
                && role.Element("InstanceId")!.Value == "79247837105c4470.web" && role.Element("Health")!.Element("State")!.Value == "Ready";
        }
    }

    /// <summary>Google, whose service is at first not there, as happens while a machine is being made.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Google_gives_name_and_user_data_also_when_it_is_late()
    {
        QemuGuest.Require();
        const string Instance = "/computeMetadata/v1/instance/";
        var count = 0;
        await using var server = new MetadataServer(request => request switch
        {
            _ when Interlocked.Increment(ref count) == 1 => (503, ""),
            _ when !request.Has("Metadata-Flavor", "Google") => (403, "Missing Metadata-Flavor:Google header."),
            { Path: Instance + "hostname" } => (200, "blue.europe-west1-b.c.project-1.internal"),
            { Path: Instance + "attributes/ssh-keys" } => (200, $"me:{FirstKey}"),
            { Path: Instance + "attributes/startup-script" } => (200, UserData),
            _ => (404, "<html>"),
        });
        var options = Options(await Shared.BuildOnceAsync(TestContext, "plain", Config())) with
        {
            NetworkSettings = ",net=169.254.0.0/16" + await ForwardAsync("google-relay", server, MetadataAddress),
            Arguments = ["-smbios", "type=1,manufacturer=Google,product=Google Compute Engine"],
        };
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("packer: the metadata of google are taken over", Patience);
            await guest.WaitForConsoleAsync("probe: started on blue.europe-west1-b.c.project-1.internal", Patience);
            await guest.WaitForConsoleAsync(UserDataSeen, Patience);
        }, () => Interlocked.Exchange(ref count, 0));
        Assert.IsTrue(Refused(server) is { Length: > 0 } refused && refused.All(status => status == 503));
    }

    /// <summary>A volume labelled for NoCloud: a CD that the SDK has written, and a floppy-sized FAT volume of other tools.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    [DataRow("cd")]
    [DataRow("fat")]
    public async Task A_volume_gives_name_and_user_data(string kind)
    {
        QemuGuest.Require();
        const string Metadata = "instance-id: one\r\nlocal-hostname: \"seeded\"  # a name\r\npublic-keys:\r\n  - " + FirstKey + "\r\n";
        var disk = await Shared.BuildOnceAsync(TestContext, "plain", Config());
        var volume = Shared.Folder[$"seed-{kind}"];
        if (kind == "cd")
        {
            var tree = new FileTree(0);
            tree.AddFile("/meta-data", Metadata, default);
            tree.AddFile("/user-data", UserData, default);
            await DiskWriter.WriteAsync(Iso9660Writer.Create(tree, new Iso9660Options { Label = "cidata", Timestamp = 0 }), new RawFormat(), volume, new DiskWriteOptions(), TestContext.CancellationToken);
        }
        else
        {
            Rig.Require("mkfs.vfat", "mcopy");
            File.Delete(volume);
            await Tool.RunAsync("mkfs.vfat", "-C", "-n", "CIDATA", volume, "1440");
            await Tool.RunAsync("mcopy", "-i", volume, Shared.Folder.Write("fat/meta-data", Metadata), Shared.Folder.Write("fat/user-data", UserData), "::");
        }
        var options = Options(disk) with
        {
            Arguments = ["-drive", $"if=none,id=seed,format=raw,readonly=on,file={volume}", "-device", kind == "cd" ? "ide-cd,drive=seed" : "virtio-blk-pci,drive=seed"],
        };
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync($"packer: the metadata of the volume {(kind == "cd" ? "cidata" : "CIDATA")} are taken over", Patience);
            await guest.WaitForConsoleAsync("probe: started on seeded", Patience);
            await guest.WaitForConsoleAsync(UserDataSeen, Patience);
            await guest.WaitForConsoleAsync($"probe: {Keys}: not there", Patience);
        });
    }

    /// <summary>
    /// A machine whose clock is years behind: the first server, over IPv4, sends it away; the second one is at an address that only IPv6 reaches, for which the machine
    /// has to make an address of its own from what the router advertises.
    /// </summary>
    [TestMethod]
    [DoNotParallelize]
    [Timeout(1_200_000)]
    public async Task The_clock_is_set_over_the_network_which_may_be_ipv6()
    {
        QemuGuest.Require();
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Skipped: this test needs the port 123 of this host.");
        await using var refusing = new TestTimeServer(IPAddress.Loopback, 123, change: answer =>
        {
            answer[1] = 0;
            return answer;
        });
        await using var right = new TestTimeServer(IPAddress.IPv6Loopback, 123);
        var options = Options(await Shared.BuildAsync(TestContext, "time", Config() with { TimeServers = ["10.0.2.2", "fd00:ab::2"] })) with
        {
            Isolated = false,
            NetworkSettings = ",ipv6-prefix=fd00:ab::,ipv6-prefixlen=64,ipv6-host=fd00:ab::2",
            Arguments = ["-rtc", "base=2020-02-03T04:05:06"],
        };
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("has the address fd00:ab::", Patience);
            await guest.WaitForConsoleAsync("packer: the clock is set, it is ", Patience);
            await guest.WaitForConsoleAsync(" UTC\n", Patience);
            var told = DateTime.ParseExact(ClockLine().Match(guest.Console).Groups[1].Value, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            Assert.IsLessThan(60, Math.Abs((DateTime.UtcNow - told).TotalSeconds), guest.Console);
            await guest.WaitForConsoleAsync($"probe: the year is {DateTime.UtcNow.Year}", Patience);
        });
        Assert.IsGreaterThan(0, refusing.Count);
        Assert.IsGreaterThan(0, right.Count);
    }

    /// <summary>A network of its own, whose router (dnsmasq) advertises that addresses come by DHCPv6.</summary>
    [TestMethod]
    [DoNotParallelize]
    [Timeout(1_200_000)]
    [DataRow("clock.example.test", "192.168.77.9")]
    [DataRow(null, "192.168.77.1")]
    public async Task A_router_that_says_so_is_asked_for_an_address_by_dhcpv6(string? ownTimeServer, string namedTimeServer)
    {
        const string Named = "/run/packer/time-servers.eth0";
        RequireRouter();
        var disk = await Shared.BuildAsync(TestContext, "dhcpv6", Config() with { TimeServers = ownTimeServer is null ? [] : [ownTimeServer], Arguments = ["/run/resolv.conf", Named] });
        var options = Routed(disk, "ip addr add 192.168.77.1/24 dev tap0",
            $"--dhcp-range=192.168.77.10,192.168.77.20 --dhcp-range=fd00:77::100,fd00:77::1ff,64 --dhcp-option=option:ntp-server,{namedTimeServer} --address=/example.test/192.168.77.1",
            $"python3 {Shared.Folder.Write("clock.py", Clock)} &");
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("has the address 192.168.77.", Patience);
            await guest.WaitForConsoleAsync("has the address fd00:77::1", Patience);
            await guest.WaitForConsoleAsync("nameserver fd00:0077:0000:0000:0000:0000:0000:0001", Patience);
            await guest.WaitForConsoleAsync("nameserver 192.168.77.1", Patience);
            await guest.WaitForConsoleAsync("search six.example.test", Patience);
            // The server of the image goes before what DHCP names.
            await guest.WaitForConsoleAsync($"probe: {Named}: OtherRead, GroupRead, UserWrite, UserRead: {namedTimeServer}\n", Patience);
            await guest.WaitForConsoleAsync("packer: the clock is ", Patience);
        });
        var said = await File.ReadAllTextAsync(Shared.Folder["dnsmasq.log"]);
        StringAssert.Contains(said, "DHCPREPLY(tap0) fd00:77::1", said);
        if (ownTimeServer is not null) StringAssert.Contains(said, ownTimeServer, said);
    }

    /// <summary>A network without IPv4, whose router says that DHCPv6 has no addresses but other settings.</summary>
    [TestMethod]
    [DoNotParallelize]
    [Timeout(1_200_000)]
    public async Task A_machine_without_ipv4_has_a_network_too()
    {
        RequireRouter();
        var options = Routed(await Shared.BuildOnceAsync(TestContext, "plain", Config()), "", "--dhcp-range=fd00:77::,ra-stateless,64", "");
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await guest.WaitForConsoleAsync("has the address fd00:77::5054:ff:fe12:3456", Patience);
            await guest.WaitForConsoleAsync("probe: started on web", Patience);
            await guest.WaitForConsoleAsync("nameserver fd00:0077:0000:0000:0000:0000:0000:0001", Patience);
            Assert.DoesNotContain("has the address 1", guest.Console);
        });
    }

    private static void RequireRouter()
    {
        QemuGuest.Require();
        Rig.Require("dnsmasq", "unshare", "ip", "bash", "python3");
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Skipped: this test needs a network namespace.");
    }

    /// <summary>A machine in a network of its own, whose one other host is a router with dnsmasq.</summary>
    /// <param name="disk">Full path of the machine's disk.</param>
    /// <param name="address">A command that gives the router more addresses, or nothing.</param>
    /// <param name="settings">More arguments of dnsmasq.</param>
    /// <param name="more">A command that the router runs besides, or nothing.</param>
    private static QemuOptions Routed(string disk, string address, string settings, string more)
    {
        var launcher = Shared.Folder.Write("router", $$"""
            set -e
            ip link set lo up
            ip tuntap add tap0 mode tap
            {{address}}
            ip -6 addr add fd00:77::1/64 dev tap0 nodad
            ip link set tap0 up
            dnsmasq --conf-file=/dev/null --keep-in-foreground --user=root --pid-file= --interface=tap0 --bind-dynamic --no-resolv --no-hosts --log-queries --log-dhcp --log-facility={{Shared.Folder["dnsmasq.log"]}} \
                --dhcp-leasefile={{Shared.Folder["leases"]}} --enable-ra --ra-param=tap0,4,600 --dhcp-option=option6:dns-server,[fd00:77::1] --dhcp-option=option6:domain-search,six.example.test \
                {{settings}} &
            {{more}}
            exec "$@"
            """);
        return Options(disk) with
        {
            Launcher = ["unshare", "--net", "--pid", "--fork", "--kill-child", "bash", launcher],
            Network = "tap,id=net,ifname=tap0,script=no,downscript=no",
        };
    }

    /// <summary>A time server for a network in which no test runs.</summary>
    private const string Clock = """
        import socket, struct, time
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("192.168.77.1", 123))
        while True:
            question, client = server.recvfrom(512)
            now = time.time() + 2208988800
            stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
            server.sendto(b"\x24\x02\0\0" + bytes(20) + question[40:48] + stamp + stamp, client)
        """;

    private static ApplianceConfig Config() => new()
    {
        KernelArguments = [ApplianceRig.EmulatorWorkaround],
        // To see what only root may see.
        User = "root",
        Arguments = ["/run/packer/user-data", Keys, "/etc/hosts", "/run/resolv.conf"],
        TimeServers = ["none"],
    };

    private static QemuOptions Options(string disk) => new(disk, Shared.Folder.Path) { Bios = true };

    private static int[] Refused(MetadataServer server) => [.. server.Requests.Select(entry => entry.Status).Where(status => status is not (200 or 404))];

    /// <summary>Settings of the network that lead the port 80 of addresses to the server, by a program that QEMU starts for each connection.</summary>
    private static async Task<string> ForwardAsync(string name, MetadataServer server, params string[] addresses)
    {
        Rig.Require("bash", "chmod");
        var relay = Shared.Folder.Write(name, $"#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/{server.Port} 4<&0\ncat <&4 >&3 &\ncat <&3\nkill $!\n");
        await Tool.RunAsync("chmod", "0755", relay);
        return string.Concat(addresses.Select(address => $",guestfwd=tcp:{address}:80-cmd:{relay}"));
    }

    /// <summary>Starts a machine, once more where it fails: an emulator under load is no measure.</summary>
    /// <summary>A program that says what its machine is called, what year it is and what is in files, and again when it changes.</summary>
    private static async Task<AppContent> PublishProbeAsync(string project, string output)
    {
        Directory.CreateDirectory(project);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), """
            Console.WriteLine($"probe: started on {File.ReadAllText("/proc/sys/kernel/hostname").Trim()}");
            var seen = new Dictionary<string, string>();
            while (true)
            {
                Say("year", $"the year is {DateTime.UtcNow.Year}");
                foreach (var path in args)
                {
                    try
                    {
                        Say(path, $"{path}: {File.GetUnixFileMode(path)}: {File.ReadAllText(path)}");
                    }
                    catch (UnauthorizedAccessException)
                    {
                        Say(path, $"{path}: not for me");
                    }
                    catch (IOException)
                    {
                        Say(path, $"{path}: not there");
                    }
                }
                Thread.Sleep(500);
            }

            void Say(string about, string text)
            {
                if (seen.GetValueOrDefault(about) == text) return;
                seen[about] = text;
                Console.WriteLine($"probe: {text}");
            }
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "Probe.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        await PublishedProject.PublishAsync(project, output);
        return new AppContent(output, "Probe", "linux-x64") { InvariantGlobalization = true };
    }

    [GeneratedRegex("the clock is set, it is (.*) UTC\n")]
    private static partial Regex ClockLine();
}
