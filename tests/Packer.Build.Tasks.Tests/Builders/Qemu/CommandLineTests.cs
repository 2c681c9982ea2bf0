using Packer.Builders.Qemu;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class CommandLineTests
{
    private static readonly MachinePlan Plan = new()
    {
        Name = "packer-web",
        MachineType = "pc",
        Accelerator = "tcg",
        Disks = ["/out/web.qcow2"],
        Cds = ["/cache/installer.iso"],
        HostPort = 2222,
        GuestPort = 22,
        VncPort = 5901,
        Qmp = "unix:/s/qmp,server=on,wait=off",
        SerialLog = "/t/serial.log",
    };

    [TestMethod]
    public void ThePlainMachine()
    {
        Assert.AreEqual(
            """
            -name packer-web
            -machine type=pc,accel=tcg
            -cpu qemu64,+rdrand
            -m 512M
            -smp 1
            -drive if=none,id=disk0,file=/out/web.qcow2,format=qcow2,cache=writeback,discard=ignore
            -device virtio-blk-pci,drive=disk0,bootindex=0
            -drive if=none,id=cdrom0,file=/cache/installer.iso,format=raw,media=cdrom,readonly=on
            -device ide-cd,drive=cdrom0,bootindex=1
            -netdev user,id=user.0,hostfwd=tcp:127.0.0.1:2222-:22
            -device virtio-net,netdev=user.0
            -display none
            -vnc 127.0.0.1:1
            -serial file:/t/serial.log
            -qmp unix:/s/qmp,server=on,wait=off
            """.ReplaceLineEndings("\n"), Text(new QemuConfig(), Plan));
    }

    [TestMethod]
    public void OnlyAnEmulatedPcGetsAProcessorThatQemuWouldNotChoose()
    {
        Assert.DoesNotContain("-cpu", Text(new QemuConfig(), Plan with { Accelerator = "kvm" }));
        Assert.DoesNotContain("-cpu", Text(new QemuConfig { QemuBinary = "qemu-system-aarch64" }, Plan with { MachineType = "virt" }));
        Assert.Contains("-cpu max\n", Text(new QemuConfig { CpuModel = "max" }, Plan));
    }

    [TestMethod]
    [DataRow("virtio-scsi", "virtio-scsi-pci,id=virtio-scsi0", "scsi-hd,bus=virtio-scsi0.0,drive=disk0,bootindex=0")]
    [DataRow("sata", "ich9-ahci,id=ahci0", "ide-hd,bus=ahci0.0,drive=disk0,bootindex=0")]
    [DataRow("scsi", "lsi53c895a,id=scsi0", "scsi-hd,bus=scsi0.0,drive=disk0,bootindex=0")]
    [DataRow("sd", "sdhci-pci,id=sdhci0", "sd-card,drive=disk0")]
    public void DisksHangOnTheirController(string kind, string controller, string device)
    {
        var text = Text(new QemuConfig { DiskInterface = kind }, Plan);
        Assert.Contains($"-device {controller}\n", text);
        Assert.Contains($"-device {device}\n", text);
    }

    [TestMethod]
    public void FurtherDisksComeBeforeTheCdsInTheOrderOfBooting()
    {
        var text = Text(new QemuConfig { CdromInterface = "sata", DiskInterface = "sata" }, Plan with { Disks = ["/a", "/b"], Cds = ["/c", "/d"] });
        foreach (var expected in new[] { "ide-hd,bus=ahci0.1,drive=disk1,bootindex=1", "ide-cd,bus=ahci0.2,drive=cdrom0,bootindex=2", "ide-cd,bus=ahci0.3,drive=cdrom1,bootindex=3" })
            Assert.Contains(expected, text);
    }

    [TestMethod]
    public void AnOrderOfTheUsersOwnIsObeyed()
    {
        var text = Text(new QemuConfig { QemuArgs = [["-boot", "order=n"]] }, Plan);
        Assert.Contains("-boot order=n", text);
        Assert.DoesNotContain("bootindex", text);
    }

    [TestMethod]
    [DataRow(0, 0, 0, 0, "1")]
    [DataRow(4, 0, 0, 0, "4")]
    [DataRow(0, 2, 2, 1, "4,sockets=2,cores=2,threads=1")]
    [DataRow(8, 2, 2, 0, "4,sockets=2,cores=2")]
    [DataRow(2, 0, 4, 0, "2,cores=4")]
    public void Processors(int cpus, int sockets, int cores, int threads, string expected)
    {
        Assert.Contains($"-smp {expected}\n", Text(new QemuConfig { Cpus = cpus, Sockets = sockets, Cores = cores, Threads = threads }, Plan));
    }

    [TestMethod]
    public void FieldsOfTheUsersArgumentsAreFilledIn()
    {
        var text = Text(new QemuConfig { KernelPath = "/k", InitrdPath = "/i", KernelArgs = "cfg=PORT", QemuArgs = [["-fw_cfg", "name=opt/x,string=PORT"]] }, Plan, value => value.Replace("PORT", "8000", StringComparison.Ordinal));
        Assert.Contains("drive=disk0,bootindex=1\n", text);
        Assert.Contains("-kernel /k\n-initrd /i\n-append cfg=8000\n", text);
        Assert.Contains("-fw_cfg name=opt/x,string=8000", text);
    }

    [TestMethod]
    public void FirmwareTpmFloppyAndPassword()
    {
        var text = Text(new QemuConfig { Vtpm = true, VncUsePassword = true }, Plan with { Firmware = new Firmware("/fw/a,b", "/out/efivars.fd"), TpmSocket = "/s/tpm", Floppy = "/t/f.img" });
        foreach (var expected in new[]
        {
            "-drive if=pflash,unit=0,format=raw,readonly=on,file=/fw/a,,b\n", "-drive if=pflash,unit=1,format=raw,file=/out/efivars.fd\n", "-chardev socket,id=vtpm,path=/s/tpm\n",
            "-tpmdev emulator,id=tpm0,chardev=vtpm\n", "-device tpm-tis,tpmdev=tpm0\n", "-drive if=floppy,index=0,format=raw,readonly=on,file=/t/f.img\n", "-vnc 127.0.0.1:1,password=on\n",
        })
            Assert.Contains(expected, text);
    }

    [TestMethod]
    public void ABridgeNeedsNoForwarding() =>
        Assert.Contains("-netdev bridge,id=user.0,br=br0\n", Text(new QemuConfig { NetBridge = "br0" }, Plan));

    private static string Text(QemuConfig config, MachinePlan plan, Func<string, string>? render = null)
    {
        var arguments = CommandLine.Create(config, plan, render ?? (value => value));
        // A line a switch.
        return string.Join('\n', arguments.Aggregate(new List<string>(), (lines, argument) =>
        {
            if (argument.StartsWith('-') || lines.Count == 0) lines.Add(argument);
            else lines[^1] += " " + argument;
            return lines;
        }));
    }
}
