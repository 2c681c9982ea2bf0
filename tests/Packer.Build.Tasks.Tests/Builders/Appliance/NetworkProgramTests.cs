using System.Net;
using System.Net.Sockets;
using Packer.Builders.Appliance;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The programs that ask time servers and routers, on this machine.</summary>
[TestClass]
public sealed class NetworkProgramTests
{
    private const int Right = 0;
    private const int WouldBeSet = 1;
    private const int NoAnswer = 2;
    private const int WrongCall = 3;

    [TestMethod]
    [DataRow("127.0.0.1", 0, Right)]
    [DataRow("127.0.0.1", 100_000, WouldBeSet)]
    [DataRow("127.0.0.1", -100_000, WouldBeSet)]
    [DataRow("::1", 0, Right)]
    // The clock of a machine without a battery, and one in the next era of NTP, which begins in 2036.
    [DataRow("::1", 1_200_000_000, WouldBeSet)]
    public async Task A_time_server_says_how_far_off_the_clock_is(string address, int seconds, int expected)
    {
        RequireLinux();
        await using var server = new TestTimeServer(IPAddress.Parse(address), clock: () => DateTimeOffset.UtcNow.AddSeconds(seconds));
        Assert.AreEqual(expected, await CheckAsync(server.Port, address));
        Assert.AreEqual(1, server.Count);
    }

    [TestMethod]
    [DataRow("kiss of death")]
    [DataRow("not synchronized")]
    [DataRow("another question")]
    [DataRow("not a server")]
    [DataRow("too short")]
    public async Task An_answer_that_is_not_good_is_none(string fault)
    {
        RequireLinux();
        await using var wrong = new TestTimeServer(IPAddress.Loopback, change: answer =>
        {
            switch (fault)
            {
                case "kiss of death": answer[1] = 0; return answer;
                case "not synchronized": answer[0] |= 0xC0; return answer;
                case "another question": answer[24] ^= 1; return answer;
                case "not a server": answer[0] = 0x23; return answer;
                default: return answer[..47];
            }
        });
        Assert.AreEqual(NoAnswer, await CheckAsync(wrong.Port, "127.0.0.1"));
        Assert.AreEqual(1, wrong.Count);
    }

    [TestMethod]
    public async Task A_server_that_is_not_there_is_passed_over()
    {
        RequireLinux();
        await using var server = new TestTimeServer(IPAddress.IPv6Loopback);
        Assert.AreEqual(Right, await CheckAsync(server.Port, "127.0.0.2", "0:0:0:0:0:0:0:1"));
    }

    [TestMethod]
    [DataRow("1", "127.0.0")]
    [DataRow("1", "127.0.0.256")]
    [DataRow("1", "127.0.0.1.")]
    [DataRow("1", "::1::")]
    [DataRow("1", "1:2:3:4:5:6:7:8:9")]
    [DataRow("1", "1:2:3:4:5:6:7")]
    [DataRow("1", "12345::")]
    [DataRow("1", "::1:")]
    [DataRow("1", "time.example.test")]
    public async Task What_is_no_address_is_not_asked(string port, string address)
    {
        RequireLinux();
        Assert.AreEqual(NoAnswer, await RunAsync(GuestFiles.Sntp, "check", port, address));
    }

    [TestMethod]
    public async Task A_wrong_call_is_refused()
    {
        RequireLinux();
        Assert.AreEqual(WrongCall, await RunAsync(GuestFiles.Sntp, "check", "123"));
        Assert.AreEqual(WrongCall, await RunAsync(GuestFiles.Sntp, "check", "70000", "127.0.0.1"));
        Assert.AreEqual(8, await RunAsync(GuestFiles.Router, "eth0"));
        // The loopback interface has an IPv6 side on every machine, and no router.
        if (Socket.OSSupportsIPv6) Assert.AreEqual(0, await RunAsync(GuestFiles.Router, "1"));
        Assert.AreEqual(8, await RunAsync(GuestFiles.Router, "99999999"));
    }

    private static Task<int> CheckAsync(int port, params string[] addresses) => RunAsync(GuestFiles.Sntp, ["check", port.ToString(System.Globalization.CultureInfo.InvariantCulture), .. addresses]);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var path = folder["program"];
        // By another process: one that this process writes cannot be started while another test starts something.
        await Tool.RunAsync("install", "-m", "0755", RepositoryFiles.FullPath("src", "Packer.Build.Tasks", "Builders", "Appliance", "Programs", program + ".amd64.bin"), path);
        return (await Tool.TryRunAsync(path, arguments)).ExitCode;
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            Assert.Inconclusive("Skipped: these are programs for Linux on x86-64.");
    }
}
