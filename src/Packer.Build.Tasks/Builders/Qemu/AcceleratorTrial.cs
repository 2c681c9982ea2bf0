using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Builders.Qemu;

/// <summary>
/// Finds what can run a guest's instructions. That a device can be opened proves nothing: inside some virtual machines guests die in it, or crawl. So
/// a trial guest runs first, for a fraction of a second, and its verdict is remembered until the machine starts anew.
/// </summary>
/// <param name="binary">The program of QEMU.</param>
/// <param name="machineType">The type of the machine.</param>
/// <param name="context">The build that runs.</param>
/// <param name="key">The key by which a user chooses, for messages.</param>
internal sealed class AcceleratorTrial(string binary, string machineType, BuildContext context, string key = "Accelerator")
{
    /// <summary>Emulation in software, which works everywhere.</summary>
    public const string Software = "tcg";

    private const string Works = "works";

    /// <summary>A working accelerator takes about a fifth of a second, a start of QEMU on a busy machine some more.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly Architecture[] X64 = [Architecture.X64];

    /// <summary>Returns the accelerator to use: the one given, or the best of this system, where it works; else emulation.</summary>
    /// <param name="given">The key <c>Accelerator</c>.</param>
    /// <param name="token">Ends the trial.</param>
    public async Task<string> ChooseAsync(string? given, CancellationToken token)
    {
        if (given is "none" or Software or "xen") return given;
        var accelerator = given ?? Native();
        if (accelerator is null)
        {
            context.Ui.Message("This system has no accelerator for the guest's processor: it is emulated in software (tcg), which is some ten times slower.");
            return Software;
        }
        var verdict = await VerdictAsync(accelerator, token).ConfigureAwait(false);
        if (verdict == Works) return accelerator;
        context.Ui.Warn(DiagnosticCodes.AcceleratorDoesNotWork,
            $"The accelerator '{accelerator}' does not work on this machine ({verdict}), so the guest is emulated in software (tcg), which is some ten times slower. "
            + $"Give the build a machine with working virtualization, or set {key}=\"tcg\" to accept this.");
        return Software;
    }

    /// <summary>The accelerator that this system has by its kind, whether or not it works.</summary>
    private string? Native()
    {
        var guest = Firmware.ArchitectureOf(binary) == "aarch64" ? Architecture.Arm64 : Architecture.X64;
        if (RuntimeInformation.OSArchitecture != guest) return null;
        if (OperatingSystem.IsMacOS()) return "hvf";
        if (OperatingSystem.IsWindows()) return "whpx";
        return OperatingSystem.IsLinux() && System.IO.File.Exists("/dev/kvm") ? "kvm" : null;
    }

    private async Task<string> VerdictAsync(string accelerator, CancellationToken token)
    {
        // The trial's guest is for PCs; other machines are trusted.
        if (Firmware.ArchitectureOf(binary) != "x86_64" || !X64.Contains(RuntimeInformation.OSArchitecture)) return Works;
        var file = await context.Cache.GetOrAddAsync("accelerators", Key(accelerator), async (path, stop) =>
            await System.IO.File.WriteAllTextAsync(path, await TryAsync(accelerator, stop).ConfigureAwait(false), stop).ConfigureAwait(false), token).ConfigureAwait(false);
        return (await System.IO.File.ReadAllTextAsync(file, token).ConfigureAwait(false)).Trim();
    }

    private async Task<string> TryAsync(string accelerator, CancellationToken token)
    {
        var disk = Path.Combine(context.TemporaryDirectory, $"trial-{Guid.NewGuid():N}.img");
        await System.IO.File.WriteAllBytesAsync(disk, TrialDisk.Create(), token).ConfigureAwait(false);
        var errors = new List<string>();
        await using var process = context.Processes.Start(new ProcessStart(binary, Arguments(accelerator, disk)) { WorkingDirectory = context.TemporaryDirectory, Error = errors.Add });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Limit);
        try
        {
            var code = await process.WaitAsync(limit.Token).ConfigureAwait(false);
            if (code == TrialDisk.ExitCode) return Works;
            var reason = errors.Count > 0 ? errors[^1] : string.Create(CultureInfo.InvariantCulture, $"QEMU ended with exit code {code}");
            return reason.ReplaceLineEndings(" ");
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"a trial guest that should take 0.3 s did not end within {Limit.TotalSeconds:0} s");
        }
    }

    private IReadOnlyList<string> Arguments(string accelerator, string disk) =>
    [
        "-machine", $"type={machineType},accel={accelerator}", "-m", "64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-device", string.Create(CultureInfo.InvariantCulture, $"isa-debug-exit,iobase={TrialDisk.ExitPort},iosize=1"),
        "-drive", $"if=ide,format=raw,snapshot=on,file={QemuText.Escape(disk)}",
    ];

    /// <summary>What the verdict depends on: the accelerator, the program, and the start of this machine.</summary>
    private string Key(string accelerator)
    {
        var path = Engine.ProgramFinder.Find(binary, Environment.GetEnvironmentVariable("PATH")) ?? binary;
        var written = System.IO.File.GetLastWriteTimeUtc(path).Ticks;
        var text = string.Create(CultureInfo.InvariantCulture, $"{accelerator}\n{machineType}\n{path}\n{written}\n{Environment.OSVersion.VersionString}\n{BootId()}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string BootId()
    {
        try
        {
            return System.IO.File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }
}
