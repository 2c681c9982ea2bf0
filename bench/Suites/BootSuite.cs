using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Packer.Bench.Suites;

/// <summary>
/// From power-on to the app's first answer, emulated in software: the sample WebAppliance in an image, beside the same app as a unit of systemd in a Debian
/// that mmdebstrap installs. Then the least memory with which the image answers.
/// </summary>
internal static class BootSuite
{
    // QEMU without KVM corrupts a flag around this instruction, and the kernel panics now and then. Real processors do not.
    private const string EmulatorWorkaround = "clearcpuid=cx16";

    private const int UsualMebibytes = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly int[] Memories = [192, 176, 160, 144, 128];

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        if (DebianPeer.Missing is { } missing || !Programs.AreThere("qemu-system-x86_64"))
        {
            Console.WriteLine($"Left out: the suite 'boot' needs {DebianPeer.Missing ?? "the program 'qemu-system-x86_64'"}.");
            return;
        }
        var folder = sandbox.CreateFolder("boot");
        var app = Path.Combine(folder, "app");
        await sandbox.PublishSampleAsync("WebAppliance", app);
        var request = new ImageRequest
        {
            App = app, Program = "WebAppliance", Cache = Path.Combine(folder, "cache"), Lock = Path.Combine(folder, "packer.lock.json"), Output = Path.Combine(folder, "ours"),
            KernelArguments = [EmulatorWorkaround],
        };
        await ImageProcess.RunAsync(request);
        var stock = Path.Combine(folder, "theirs");
        await DebianPeer.RunAsync(stock, DebianPeer.Tree("minbase", ["systemd-sysv", "udev", "dbus", "openssh-server", "initramfs-tools", "linux-image-cloud-amd64", "libssl3t64"], "trixie") + """
            cp -r ../app root/opt/app
            cp -L root/boot/vmlinuz-* vmlinuz
            cp -L root/boot/initrd.img-* initrd
            printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' > root/etc/systemd/network/20-wired.network
            printf '/dev/vda / ext4 defaults 0 1\n' > root/etc/fstab
            printf '[Unit]\nAfter=network.target\n[Service]\nExecStart=/opt/app/WebAppliance\nEnvironment=ASPNETCORE_HTTP_PORTS=8080\nDynamicUser=yes\n[Install]\nWantedBy=multi-user.target\n' > root/etc/systemd/system/web.service
            systemctl --quiet --root=root enable systemd-networkd.service web.service
            mke2fs -q -t ext4 -d root disk.raw 1500M
            rm -rf root

            """);
        string[] ours = ["-drive", $"if=virtio,format=raw,snapshot=on,file={ImageProcess.PathOf(request, "raw")}"];
        string[] theirs =
        [
            "-drive", $"if=virtio,format=raw,snapshot=on,file={Path.Combine(stock, "disk.raw")}", "-kernel", Path.Combine(stock, "vmlinuz"), "-initrd", Path.Combine(stock, "initrd"),
            "-append", $"root=/dev/vda rw console=ttyS0 {EmulatorWorkaround}",
        ];
        var times = new Pair();
        for (var round = 0; round < rounds; round++) await times.RunAsync(() => MeasureAsync(ours), () => MeasureAsync(theirs), round);
        Console.WriteLine($"From power-on to the app's first answer, {rounds} rounds\n");
        var table = new MarkdownTable("machine", "median, s", "minimum, s", "median of the ratios", "goal");
        table.Add("Debian with systemd, started by -kernel", MarkdownTable.Seconds(times.Theirs), MarkdownTable.Seconds(times.MinimumOfTheirs), "", "");
        table.Add("image, started by its BIOS loader", MarkdownTable.Seconds(times.Ours), MarkdownTable.Seconds(times.MinimumOfOurs), MarkdownTable.Ratio(times.Ratio), "0.5");
        table.Print();
        var least = UsualMebibytes;
        foreach (var memory in Memories)
        {
            if (await BootAsync(ours, memory) is null) break;
            least = memory;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nLeast memory with which the image answered: {least} MiB (goal: 192)"));
    }

    private static async Task<double> MeasureAsync(string[] disk) => await BootAsync(disk, UsualMebibytes) ?? throw new InvalidOperationException("The machine never answered.");

    /// <summary>Starts a machine and returns the seconds to its first answer; null where there is none.</summary>
    private static async Task<double?> BootAsync(string[] disk, int memory)
    {
        var port = FreePort();
        string[] arguments =
        [
            "-machine", "pc", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", memory.ToString(CultureInfo.InvariantCulture), "-nodefaults", "-display", "none", "-serial", "null", "-no-reboot",
            "-netdev", $"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:8080", "-device", "virtio-net-pci,netdev=net,romfile=", .. disk,
        ];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(20) };
        var clock = Stopwatch.StartNew();
        using var machine = Process.Start(new ProcessStartInfo("qemu-system-x86_64", arguments))!;
        try
        {
            while (clock.Elapsed < Patience && !machine.HasExited)
            {
                try
                {
                    using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
                    if (answer.StatusCode == HttpStatusCode.OK) return clock.Elapsed.TotalSeconds;
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    // Nobody listens yet.
                }
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
            return null;
        }
        finally
        {
            machine.Kill();
            await machine.WaitForExitAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
