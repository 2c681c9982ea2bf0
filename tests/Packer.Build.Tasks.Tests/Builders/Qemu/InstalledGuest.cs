using System.Security;

namespace Packer.Tests.Builders.Qemu;

/// <summary>The tiny guest on a disk, installed once for all tests of this project; tests start from copies or overlays of it. Its user root has a password.</summary>
/// <param name="Disk">Full path of the disk, qcow2.</param>
internal sealed record InstalledGuest(string Disk)
{
    public const string Password = "open-sesame";

    private static readonly Lazy<Task<InstalledGuest>> Installed = new(InstallAsync);
    private static QemuProject? project;

    /// <summary>Gives the disk; ends the test as <see cref="Rig"/> does where the guest cannot be made.</summary>
    public static async Task<InstalledGuest> GetAsync()
    {
        await TinyGuest.GetAsync();
        return await Installed.Value;
    }

    /// <summary>Attributes of an image that starts from an overlay of the disk and logs in.</summary>
    public string Attributes => $"""DiskImage="true" UseBackingFile="true" IsoUrl="{Disk}" IsoChecksum="none" SshTimeout="4m" """;

    public static void Remove() => project?.Dispose();

    private static async Task<InstalledGuest> InstallAsync()
    {
        var guest = await TinyGuest.GetAsync();
        // The end of a value is trimmed, so a comment comes last.
        var answers = $"hostname tiny\npassword {Password}\nrun sed -i 's/quiet/quiet {TinyGuest.BusyMachine}/' /boot/extlinux.conf\nfinish poweroff\n# end";
        // Booted directly, with the answers on a CD: the installer switches the machine off at its end.
        project = new QemuProject($"""
            Communicator="none" ShutdownTimeout="4m" IsoUrl="{guest.Iso}" IsoChecksum="none" DiskSize="1G" KernelPath="{guest.Kernel}" InitrdPath="{guest.Initrd}"
            KernelArgs="console=ttyS0,115200 quiet mitigations=off cryptomgr.notests {TinyGuest.BusyMachine} cfg=cd:tiny.cfg" CdContent="tiny.cfg={SecurityElement.Escape(answers).Replace("\n", "&#10;", StringComparison.Ordinal)}"
            """);
        await project.BuildWellAsync();
        CollectionAssert.AreEqual("PNG"u8.ToArray(), File.ReadAllBytes(project.Screen)[1..4], "The last screen is kept for the report of the build.");
        return new InstalledGuest(Path.Combine(project.Output, "web.qcow2"));
    }
}

/// <summary>Removes the guest after the last test.</summary>
[TestClass]
public static class InstalledGuestCleanup
{
    [AssemblyCleanup]
    public static void Remove() => InstalledGuest.Remove();
}
