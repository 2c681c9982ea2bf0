using System.Diagnostics;
using System.Security;
using System.Text.Json;

namespace Packer.Bench.Suites;

/// <summary>
/// The original's qemu builder beside ours: the same installer, the same keys at the same pace, the same provisioners, emulated in software on both sides. The times of
/// the tool are those of all its processes but the machine itself.
/// </summary>
internal static class QemuSuite
{
    private const string Machine = "qemu-system-x86";
    private const string Password = "open-sesame";

    /// <summary>The guest's words when its SSH server has been started.</summary>
    private const string Up = "tiny: up after";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        var fixture = sandbox.PathOf("..", "shared", "fixtures", "tiny-guest");
        if (!OperatingSystem.IsLinux() || !Directory.Exists(fixture) || Missing("packer") || Missing("qemu-system-x86_64"))
        {
            Console.WriteLine($"Left out: the suite 'qemu' needs Linux, the programs 'packer' and 'qemu-system-x86_64', and the folder '{fixture}'.");
            return;
        }
        var media = sandbox.PathOf("artifacts", "tiny-guest", "out");
        await new Command(Path.Combine(fixture, "make.sh"), [media], fixture, new Dictionary<string, string?> { ["DEBS"] = sandbox.PathOf("artifacts", "tiny-guest", "packages") }).RunAsync();
        var iso = Path.Combine(media, "tiny.iso");

        // The first build of a machine tries the accelerator for 5 s and remembers the verdict: that is done while the project is made.
        Run[] all = [await TheirsAsync(sandbox, iso), await OursAsync(sandbox, iso)];
        sandbox.EndNodes();
        ProcessFamily.AdoptOrphans(true);
        for (var round = -1; round < rounds; round++)
        {
            foreach (var run in round % 2 == 0 ? all : all.Reverse()) await MeasureAsync(run, counts: round >= 0);
        }
        ProcessFamily.AdoptOrphans(false);

        Console.WriteLine($"A machine installed and provisioned, {rounds} rounds, medians\n");
        var table = new MarkdownTable("the same machine", "wall, s", "CPU of the tool, s", "peak RSS, MiB", "peak PSS, MiB", "CPU of QEMU, s", "from SSH being up to its use, s");
        var (theirs, ours) = (Numbers(all[0]), Numbers(all[1]));
        table.Add(["packer build", .. Cells(theirs)]);
        table.Add(["dotnet build", .. Cells(ours)]);
        table.Add(["ratio", .. theirs.Zip(ours, (theirNumber, ourNumber) => $"**{MarkdownTable.Ratio(ourNumber / theirNumber)}**")]);
        table.Print();
        Console.WriteLine($"\nWall, s, in order: packer {Walls(all[0])}; dotnet {Walls(all[1])}");
    }

    private static bool Missing(string program) => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task MeasureAsync(Run run, bool counts)
    {
        // The file of the last machine says what only this one may.
        if (File.Exists(run.SerialLog)) File.Delete(run.SerialLog);
        var clock = Stopwatch.StartNew();
        double? up = null, used = null;
        var seen = await ProcessFamily.ObserveAsync(run.Command, name => name == Machine, Interval, look: () =>
        {
            if (up is null && IsUp(run.SerialLog)) up = clock.Elapsed.TotalSeconds;
        }, heard: line =>
        {
            if (used is null && line.Contains(run.Connected, StringComparison.Ordinal)) used = clock.Elapsed.TotalSeconds;
        });
        if (!counts) return;
        run.Seen.Add(seen);
        run.Waits.Add(used is { } end && up is { } begin ? end - begin : double.NaN);
    }

    private static bool IsUp(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd().Contains(Up, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // The machine has not been started yet, or is gone.
            return false;
        }
    }

    private static async Task<Run> TheirsAsync(Sandbox sandbox, string iso)
    {
        var folder = sandbox.CreateFolder("qemu-theirs");
        await WriteFilesAsync(folder);
        var serial = Path.Combine(folder, "serial.log");
        var template = new
        {
            builders = new[]
            {
                new
                {
                    type = "qemu", vm_name = "golden", accelerator = "tcg", headless = true, iso_url = iso, iso_checksum = "none", disk_size = "1G", memory = 256, format = "qcow2",
                    http_directory = "http", boot_wait = "2s", boot_key_interval = "50ms", boot_command = new[] { "install cfg=http://{{ .HTTPIP }}:{{ .HTTPPort }}/tiny.cfg<enter>" },
                    ssh_username = "root", ssh_password = Password, ssh_timeout = "10m", shutdown_command = "shutdown -P now", output_directory = "out",
                    qemuargs = new[] { new[] { "-serial", "file:" + serial } },
                },
            },
            provisioners = new object[]
            {
                new { type = "shell", inline = new[] { "uname -r > /root/shell.txt" } },
                new { type = "file", source = "upload.bin", destination = "/root/upload.bin" },
                new { type = "shell", script = "check.sh" },
                new { type = "file", direction = "download", source = "/etc/os-release", destination = "os-release" },
            },
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "template.json"), JsonSerializer.Serialize(template));
        return new Run(sandbox.Packer(folder, ["build", "-color=false", "-force", "template.json"]), serial, "Connected to SSH!");
    }

    private static async Task<Run> OursAsync(Sandbox sandbox, string iso)
    {
        // What the project reads must be there when it is built for the first time.
        var folder = sandbox.CreateFolder("qemu-ours");
        await WriteFilesAsync(folder);
        await sandbox.CreateProjectAsync("qemu-ours", $$$"""
                <PackerImage Include="golden" Builder="qemu" Headless="true" IsoUrl="{{{SecurityElement.Escape(iso)}}}" IsoChecksum="none" DiskSize="1G" Memory="256" HttpDirectory="http"
                             BootWait="2s" BootKeyInterval="50ms" BootCommand="install cfg=http://{{ .HTTPIP }}:{{ .HTTPPort }}/tiny.cfg&lt;enter&gt;"
                             SshUsername="root" SshPassword="file:password" SshTimeout="10m" ShutdownCommand="shutdown -P now" />
                <PackerProvisioner Include="shell" Inline="uname -r &gt; /root/shell.txt" />
                <PackerProvisioner Include="file" Source="upload.bin" Destination="/root/upload.bin" />
                <PackerProvisioner Include="shell" Script="check.sh" />
                <PackerProvisioner Include="file" Direction="download" Source="/etc/os-release" Destination="os-release" />

            """);
        var command = sandbox.DotNetWithoutReuse(folder, ["build", "--no-restore", "-v:m", "-tl:off", "-nodeReuse:false", "-p:PackerForce=true"]);
        return new Run(command, Path.Combine(folder, "obj", "Debug", "net10.0", "packer", "golden.tmp", "serial.log"), "Connected to 127.0.0.1");
    }

    private static async Task WriteFilesAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "http"));
        await File.WriteAllTextAsync(Path.Combine(folder, "http", "tiny.cfg"), $"hostname tiny\npassword {Password}\nfinish reboot\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "password"), Password);
        await File.WriteAllTextAsync(Path.Combine(folder, "check.sh"), "#!/bin/sh -e\nsha256sum /root/upload.bin\n");
        var content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(folder, "upload.bin"), content);
    }

    private static string Walls(Run run) => string.Join(", ", run.Seen.Select(seen => MarkdownTable.Seconds(seen.Own.Wall)));

    private static double[] Numbers(Run run) =>
    [
        Median(run, seen => seen.Own.Wall), Median(run, seen => seen.Own.Cpu), Median(run, seen => seen.Footprint.Resident), Median(run, seen => seen.Footprint.Proportional),
        Median(run, seen => seen.ApartCpu), Statistics.Median(run.Waits),
    ];

    private static double Median(Run run, Func<ProcessFamily.Observation, double> what) => Statistics.Median([.. run.Seen.Select(what)]);

    private static string[] Cells(double[] numbers) =>
    [
        MarkdownTable.Seconds(numbers[0]), MarkdownTable.Seconds(numbers[1]), MarkdownTable.Mebibytes(numbers[2]), MarkdownTable.Mebibytes(numbers[3]), MarkdownTable.Seconds(numbers[4]),
        MarkdownTable.Seconds(numbers[5]),
    ];

    /// <param name="Command">What is run.</param>
    /// <param name="SerialLog">Full path of the file that gets what the guest writes to its console.</param>
    /// <param name="Connected">What the tool says when it uses SSH.</param>
    private sealed record Run(Command Command, string SerialLog, string Connected)
    {
        public List<ProcessFamily.Observation> Seen { get; } = [];

        public List<double> Waits { get; } = [];
    }
}
