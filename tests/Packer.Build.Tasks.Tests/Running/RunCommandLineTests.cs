using Packer.Builders.Qemu;
using Packer.Engine.Planning;
using Packer.Running;

namespace Packer.Tests.Running;

[TestClass]
public sealed class RunCommandLineTests
{
    private static readonly MachineSettings Appliance = new() { Uefi = true, HasSystemdBoot = true };

    private static readonly RunFiles Linux = new()
    {
        Name = "packer-web",
        Disk = new DiskFile("/out/web.qcow2", "qcow2"),
        Firmware = new Firmware("/fw/code.fd", "/t/variables.fd"),
        Accelerator = "kvm",
        Version = new Version(9, 2, 0),
        Ports = [new PortForward(0, 8080), new PortForward(2222, 22)],
        SerialLog = "/t/serial.log",
        Qmp = "unix:/s/qmp,server=on,wait=off",
    };

    [TestMethod]
    public void Linux_with_kvm()
    {
        Assert.AreEqual(
            """
            -name packer-web
            -machine type=q35
            -accel kvm
            -cpu host
            -m 512M
            -nodefaults
            -no-user-config
            -display none
            -vga std
            -drive if=pflash,unit=0,format=raw,readonly=on,file=/fw/code.fd
            -drive if=pflash,unit=1,format=raw,file=/t/variables.fd
            -drive if=none,id=disk,format=qcow2,snapshot=on,file=/out/web.qcow2
            -device virtio-blk-pci,drive=disk,bootindex=0
            -netdev user,id=net,hostfwd=tcp:127.0.0.1:0-:8080,hostfwd=tcp:127.0.0.1:2222-:22
            -device virtio-net-pci,netdev=net
            -serial file:/t/serial.log
            -qmp unix:/s/qmp,server=on,wait=off
            """.ReplaceLineEndings("\n"), Text(Appliance, Linux));
    }

    [TestMethod]
    public void A_unified_kernel_image_is_started_by_the_firmware_without_a_disk()
    {
        var arguments = Text(Appliance, Linux with { Disk = new DiskFile("/out/web.efi", "efi") });

        StringAssert.Contains(arguments, "-kernel /out/web.efi\n");
        Assert.DoesNotContain("id=disk", arguments);
    }

    [TestMethod]
    public void MacOS_with_hvf()
    {
        var run = Linux with
        {
            Accelerator = "hvf",
            Disk = new DiskFile("/Users/ada/app/bin/web.raw", "raw"),
            Firmware = new Firmware("/opt/homebrew/share/qemu/edk2-x86_64-code.fd", "/Users/ada/t/variables.fd"),
        };
        Assert.AreEqual(
            """
            -name packer-web
            -machine type=q35
            -accel hvf
            -cpu host
            -m 512M
            -nodefaults
            -no-user-config
            -display none
            -vga std
            -drive if=pflash,unit=0,format=raw,readonly=on,file=/opt/homebrew/share/qemu/edk2-x86_64-code.fd
            -drive if=pflash,unit=1,format=raw,file=/Users/ada/t/variables.fd
            -drive if=none,id=disk,format=raw,snapshot=on,file=/Users/ada/app/bin/web.raw
            -device virtio-blk-pci,drive=disk,bootindex=0
            -netdev user,id=net,hostfwd=tcp:127.0.0.1:0-:8080,hostfwd=tcp:127.0.0.1:2222-:22
            -device virtio-net-pci,netdev=net
            -serial file:/t/serial.log
            -qmp unix:/s/qmp,server=on,wait=off
            """.ReplaceLineEndings("\n"), Text(Appliance, run));
    }

    [TestMethod]
    public void Windows_with_whpx()
    {
        var run = Linux with
        {
            Accelerator = "whpx",
            Disk = new DiskFile(@"C:\Users\Ada, B\web.vhdx", "vhdx"),
            Firmware = new Firmware(@"C:\Program Files\qemu\share\edk2-x86_64-code.fd", @"C:\t\variables.fd"),
            SerialLog = @"C:\t\serial.log",
            Qmp = @"unix:C:\s\qmp,server=on,wait=off",
        };
        Assert.AreEqual(
            """
            -name packer-web
            -machine type=q35
            -accel whpx,kernel-irqchip=off
            -m 512M
            -nodefaults
            -no-user-config
            -display none
            -vga std
            -bios C:\Program Files\qemu\share\edk2-x86_64-code.fd
            -drive if=none,id=disk,format=vhdx,snapshot=on,file=C:\Users\Ada,, B\web.vhdx
            -device virtio-blk-pci,drive=disk,bootindex=0
            -netdev user,id=net,hostfwd=tcp:127.0.0.1:0-:8080,hostfwd=tcp:127.0.0.1:2222-:22
            -device virtio-net-pci,netdev=net
            -serial file:C:\t\serial.log
            -qmp unix:C:\s\qmp,server=on,wait=off
            """.ReplaceLineEndings("\n"), Text(Appliance, run));
    }

    [TestMethod]
    public void The_emulator_before_version_8_gets_a_machine_without_the_instruction_that_it_cannot_do()
    {
        var old = Linux with { Accelerator = "tcg", Version = new Version(7, 2, 22) };

        var appliance = Text(Appliance, old);
        Assert.Contains("-cpu max\n", appliance);
        Assert.Contains("-smbios type=11,value=io.systemd.boot.kernel-cmdline-extra=clearcpuid=cx16,value=io.systemd.stub.kernel-cmdline-extra=clearcpuid=cx16\n", appliance);
        Assert.Contains("clearcpuid=cx16", RunCommandLine.Remedy(Appliance, old)!);

        var other = Appliance with { HasSystemdBoot = false };
        Assert.Contains("-cpu max,cx16=off\n", Text(other, old));
        Assert.DoesNotContain("-smbios", Text(other, old));
        Assert.Contains("cx16=off", RunCommandLine.Remedy(other, old)!);
        Assert.Contains("-cpu qemu64,cx16=off\n", Text(other with { CpuModel = "qemu64" }, old));
    }

    [TestMethod]
    [DataRow("tcg", "8.0.0", "qemu-system-x86_64")]
    [DataRow("kvm", "7.2.22", "qemu-system-x86_64")]
    [DataRow("tcg", "7.2.22", "qemu-system-aarch64")]
    public void Elsewhere_nothing_is_hidden(string accelerator, string version, string program)
    {
        var machine = Appliance with { Program = program };
        var run = Linux with { Accelerator = accelerator, Version = Version.Parse(version) };
        Assert.DoesNotContain("cx16", Text(machine, run));
        Assert.IsNull(RunCommandLine.Remedy(machine, run));
    }

    [TestMethod]
    [DataRow("kvm", "9.2.0", "-cpu host\n")]
    [DataRow("tcg", "9.2.0", "-cpu max,pauth-impdef=on\n")]
    [DataRow("tcg", "5.2.0", "-cpu max\n")]
    public void Arm64_has_a_machine_of_its_own(string accelerator, string version, string processor)
    {
        var text = Text(Appliance with { Program = "qemu-system-aarch64", MachineType = "virt" }, Linux with { Accelerator = accelerator, Version = Version.Parse(version) });

        StringAssert.Contains(text, "-machine type=virt\n");
        StringAssert.Contains(text, processor);
        StringAssert.Contains(text, "-device virtio-gpu-pci\n");
        Assert.DoesNotContain("-vga", text);
    }

    [TestMethod]
    [DataRow("sata", "-device ich9-ahci,id=ahci0\n-device ide-hd,bus=ahci0.0,drive=disk,bootindex=0\n")]
    [DataRow("ide", "-device ide-hd,drive=disk,bootindex=0\n")]
    [DataRow("scsi", "-device lsi53c895a,id=scsi0\n-device scsi-hd,bus=scsi0.0,drive=disk,bootindex=0\n")]
    [DataRow("virtio-scsi", "-device virtio-scsi-pci,id=scsi0\n-device scsi-hd,bus=scsi0.0,drive=disk,bootindex=0\n")]
    [DataRow("nvme", "-device nvme,serial=disk,drive=disk,bootindex=0\n")]
    public void A_disk_hangs_where_it_was_installed(string kind, string expected) => Assert.Contains(expected, Text(Appliance with { DiskInterface = kind }, Linux));

    [TestMethod]
    public void Bios_needs_no_firmware() => Assert.DoesNotContain("pflash", Text(new MachineSettings(), Linux with { Firmware = null }));

    [TestMethod]
    public void The_ports_are_read_from_what_QEMU_says()
    {
        const string said = """
            Hub -1 (net):
              Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
              TCP[HOST_FORWARD]   8       127.0.0.1 44375       10.0.2.15  8080     0     0
              TCP[ESTABLISHED]    9       127.0.0.1 44376       10.0.2.15  8080     0     0
              TCP[HOST_FORWARD]   3       127.0.0.1 34433       10.0.2.15    22     0     0
            """;
        Assert.AreEqual("44375:8080 34433:22", string.Join(' ', RunningImage.ReadPorts(said)));
    }

    [TestMethod]
    [DataRow("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", "7.2.22")]
    [DataRow("QEMU emulator version 10.0.0-rc1", "10.0.0")]
    [DataRow("something else", "0.0")]
    public void The_version_is_read_from_what_QEMU_says(string said, string version) => Assert.AreEqual(Version.Parse(version), RunningImage.ReadVersion(said));

    private static string Text(MachineSettings machine, RunFiles run)
    {
        var lines = new List<string>();
        foreach (var argument in RunCommandLine.Create(machine, run))
        {
            if (argument.StartsWith('-')) lines.Add(argument);
            else lines[^1] += " " + argument;
        }
        return string.Join('\n', lines);
    }
}
