using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Packer.Tests;

/// <summary>
/// A small Linux with an installer that behaves as a distribution's, from the fixture <c>tiny-guest</c>: a boot prompt that waits for ever, an answer file from an
/// HTTP server or a CD, partitioning, and a reboot into a system with SSH. Its media are made once for all test projects.
/// </summary>
/// <param name="Iso">Full path of the installer's CD.</param>
/// <param name="Kernel">Full path of its kernel.</param>
/// <param name="Initrd">Full path of its initial RAM disk.</param>
internal sealed record TinyGuest(string Iso, string Kernel, string Initrd)
{
    /// <summary>Parameter of its kernel, which else gives up where a busy machine lets an emulated timer come late.</summary>
    public const string BusyMachine = "no_timer_check";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly Lazy<Task<TinyGuest>> Made = new(MakeAsync);

    /// <summary>Gives the media; ends the test as <see cref="Rig"/> does where they cannot be made or run.</summary>
    public static Task<TinyGuest> GetAsync()
    {
        Rig.RequireFolder(Fixture());
        Rig.Require("qemu-system-x86_64", "qemu-img", "xorriso", "cpio", "mformat", "mcopy", "dpkg-deb", "apt-get", "apt-cache");
        return Made.Value;
    }

    private static async Task<TinyGuest> MakeAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root(), "artifacts", "tiny-guest")).FullName;
        var output = Path.Combine(folder, "out");
        await using var held = await LockAsync(folder + ".lock");
        var start = new ProcessStartInfo(Path.Combine(Fixture(), "make.sh"), [output]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBS"] = Path.Combine(folder, "packages");
        using var process = Process.Start(start)!;
        var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        // It fails at the download of packages where the machine has no package lists.
        if (process.ExitCode != 0) Assert.Fail($"The tiny guest cannot be made: {string.Concat(words)}");
        return new TinyGuest(Path.Combine(output, "tiny.iso"), Path.Combine(output, "vmlinuz"), Path.Combine(output, "initrd.gz"));
    }

    /// <summary>One process at a time makes them; the others find them made.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(Pause);
            }
        }
    }

    private static string Fixture() => Path.GetFullPath(Path.Combine(Root(), "..", "shared", "fixtures", "tiny-guest"));

    private static string Root([CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Packer.slnx"))) return folder;
        throw new InvalidOperationException("The repository cannot be found from the path of its sources.");
    }
}
