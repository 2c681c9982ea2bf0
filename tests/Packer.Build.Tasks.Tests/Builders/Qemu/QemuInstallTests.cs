namespace Packer.Tests.Builders.Qemu;

/// <summary>Ways to install a machine beside the one that the tests of the SDK go from end to end.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class QemuInstallTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task With_UEFI_the_installer_starts_from_the_cd_and_the_system_from_the_disk()
    {
        if (!File.Exists("/usr/share/OVMF/OVMF_CODE_4M.fd")) Rig.Require("/usr/share/OVMF/OVMF_CODE_4M.fd");
        var guest = await TinyGuest.GetAsync();
        using var project = new QemuProject($$$"""
            EfiBoot="true" IsoUrl="{{{guest.Iso}}}" IsoChecksum="none" DiskSize="1G" BootWait="0s" BootKeyInterval="40ms"
            HttpContent="/a=hostname tiny&#10;password open-sesame&#10;finish reboot&#10;# end"
            BootCommand="&lt;waitSerial 'press c and type' 4m&gt;c&lt;wait&gt;linux /boot/vmlinuz console=ttyS0 {{{TinyGuest.BusyMachine}}} cfg=http://{{ .HTTPIP }}:{{ .HTTPPort }}/a&lt;enter&gt;&lt;wait&gt;initrd /boot/initrd.gz&lt;enter&gt;&lt;wait&gt;boot&lt;enter&gt;"
            SshPassword="open-sesame" SshTimeout="4m"
            """, """<PackerProvisioner Include="shell" Inline="test -d /sys/firmware/efi" />""");

        await project.BuildWellAsync();

        CollectionAssert.AreEquivalent(new[] { "efivars.fd", "web.qcow2" }, Directory.GetFiles(project.Output).Select(Path.GetFileName).ToArray());
        foreach (var line in project.Engine.Messages.Where(message => message.StartsWith("Step '", StringComparison.Ordinal))) TestContext.WriteLine(line);
    }
}
