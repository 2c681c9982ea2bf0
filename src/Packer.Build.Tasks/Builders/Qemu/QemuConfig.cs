using Packer.Communicators;
using Packer.Steps;

namespace Packer.Builders.Qemu;

/// <summary>Settings of the builder <c>qemu</c>: a virtual machine that is installed from a CD image or started from a disk image, and then provisioned.</summary>
public sealed record QemuConfig
{
    /// <summary>Where the CD or disk image comes from.</summary>
    [ConfigSquash]
    public IsoConfig Iso { get; init; } = new();

    /// <summary>How the machine is reached once it runs.</summary>
    [ConfigSquash]
    public CommunicatorConfig Connection { get; init; } = new();

    /// <summary>What is typed when it starts.</summary>
    [ConfigSquash]
    public BootConfig Boot { get; init; } = new();

    /// <summary>What it can fetch over HTTP.</summary>
    [ConfigSquash]
    public HttpConfig Http { get; init; } = new();

    /// <summary>A CD of the user's own files.</summary>
    [ConfigSquash]
    public CdConfig Cd { get; init; } = new();

    /// <summary>A floppy of the user's own files.</summary>
    [ConfigSquash]
    public FloppyConfig Floppy { get; init; } = new();

    /// <summary>How it is switched off.</summary>
    [ConfigSquash]
    public ShutdownConfig Shutdown { get; init; } = new();

    // ---- The machine ----

    /// <summary>
    /// What runs the guest's instructions: <c>kvm</c> (Linux), <c>hvf</c> (macOS), <c>whpx</c> (Windows), <c>xen</c>, <c>tcg</c> (emulation in software) or
    /// <c>none</c> (QEMU's own choice). Default: the fastest one of this system that a short trial finds working, else <c>tcg</c> with a message.
    /// </summary>
    [NotPartOfImage]
    [ConfigChoice("none", "kvm", "tcg", "xen", "hax", "hvf", "whpx", "nvmm")]
    public string? Accelerator { get; init; }

    /// <summary>The program that is the machine: a full path, or a name that is looked up in <c>PATH</c>.</summary>
    public string QemuBinary { get; init; } = "qemu-system-x86_64";

    /// <summary>
    /// The type of the machine (<c>-machine</c>), such as <c>q35</c>. Default: <c>pc</c>, and <c>virt</c> where <see cref="QemuBinary"/> is for arm64.
    /// </summary>
    public string? MachineType { get; init; }

    /// <summary>
    /// The model of the processor (<c>-cpu</c>), such as <c>host</c>. Default: QEMU's; of an x86-64 guest that is emulated in software <c>qemu64,+rdrand</c>, without
    /// whose random numbers Linux has none for SSH in the first second or two after each start.
    /// </summary>
    public string? CpuModel { get; init; }

    /// <summary>Number of processors; 0: the product of <see cref="Sockets"/>, <see cref="Cores"/> and <see cref="Threads"/>, or 1. Default: 0.</summary>
    [ConfigRange(0, 4096)]
    public int Cpus { get; init; }

    /// <summary>Number of processor sockets; 0: QEMU's choice. Default: 0.</summary>
    [ConfigRange(0, 4096)]
    public int Sockets { get; init; }

    /// <summary>Number of cores a socket; 0: QEMU's choice. Default: 0.</summary>
    [ConfigRange(0, 4096)]
    public int Cores { get; init; }

    /// <summary>Number of threads a core; 0: QEMU's choice. Default: 0.</summary>
    [ConfigRange(0, 4096)]
    public int Threads { get; init; }

    /// <summary>Memory of the machine in MiB. Default: 512.</summary>
    [ConfigRange(4, 16777216)]
    public int Memory { get; init; } = 512;

    /// <summary>Name of the machine (<c>-name</c>) and of its disk's file. Default: <c>packer-</c> and the name of the image for the machine, and the name
    /// of the image with the format's extension for the file.</summary>
    public string? VmName { get; init; }

    // ---- Firmware ----

    /// <summary>Whether the machine boots by UEFI. Default: false, and true where a firmware file is given.</summary>
    public bool? EfiBoot { get; init; }

    /// <summary>The UEFI firmware. Default: found by QEMU's firmware descriptions, or where distributions put it.</summary>
    [InputFile]
    public string? EfiFirmwareCode { get; init; }

    /// <summary>The empty variables of the UEFI firmware; the machine gets a copy. Default: those that belong to the firmware.</summary>
    [InputFile]
    public string? EfiFirmwareVars { get; init; }

    /// <summary>Whether the file of UEFI variables (<c>efivars.fd</c>) is left out of the image's files. Default: false.</summary>
    public bool EfiDropEfivars { get; init; }

    /// <summary>A firmware of your own (<c>-bios</c>).</summary>
    [InputFile]
    public string? Firmware { get; init; }

    /// <summary>Whether <see cref="Firmware"/> is given to the machine as flash memory, which cannot be written. Default: false.</summary>
    public bool UsePflash { get; init; }

    /// <summary>Whether the machine has a TPM, emulated by the program <c>swtpm</c>. Default: false.</summary>
    public bool Vtpm { get; init; }

    /// <summary>Whether the TPM is of version 1.2 instead of 2.0. Default: false.</summary>
    [ConfigName("use_tpm1")]
    public bool UseTpm1 { get; init; }

    /// <summary>The device of the TPM. Default: <c>tpm-tis</c>.</summary>
    public string TpmDeviceType { get; init; } = "tpm-tis";

    // ---- Disks ----

    /// <summary>Format of the disks: <c>qcow2</c> or <c>raw</c>. Default: <c>qcow2</c>.</summary>
    [ConfigChoice("qcow2", "raw")]
    public string Format { get; init; } = "qcow2";

    /// <summary>
    /// Size of the disk: a number with <c>b</c>, <c>K</c>, <c>M</c>, <c>G</c> or <c>T</c>; without a unit it is in MiB. Default: <c>40960M</c>. With
    /// <see cref="DiskImage"/> the default is the size of that image.
    /// </summary>
    public string? DiskSize { get; init; }

    /// <summary>Sizes of further, empty disks, written as <see cref="DiskSize"/>.</summary>
    public IReadOnlyList<string> DiskAdditionalSize { get; init; } = [];

    /// <summary>
    /// What connects the disks: <c>virtio</c>, <c>virtio-scsi</c>, <c>ide</c>, <c>sata</c>, <c>scsi</c>, <c>sd</c> or <c>nvme</c>. Default: <c>virtio</c>.
    /// </summary>
    [ConfigChoice("ide", "sata", "scsi", "sd", "virtio", "virtio-scsi", "nvme")]
    public string DiskInterface { get; init; } = "virtio";

    /// <summary>What connects the CDs. Default: <c>ide</c> where the machine has it, else <c>virtio-scsi</c>.</summary>
    [ConfigChoice("ide", "sata", "scsi", "virtio", "virtio-scsi")]
    public string? CdromInterface { get; init; }

    /// <summary>How writes are cached on this side. Default: <c>writeback</c>.</summary>
    [NotPartOfImage]
    [ConfigChoice("none", "writeback", "writethrough", "unsafe", "directsync")]
    public string DiskCache { get; init; } = "writeback";

    /// <summary>Whether blocks that the guest discards are freed in the file: <c>unmap</c> or <c>ignore</c>. Default: <c>ignore</c>.</summary>
    [ConfigChoice("ignore", "unmap")]
    public string DiskDiscard { get; init; } = "ignore";

    /// <summary>Whether zeros that the guest writes are kept as holes: <c>off</c>, <c>on</c> or <c>unmap</c>. Default: <c>off</c>.</summary>
    [ConfigChoice("off", "on", "unmap")]
    public string DiskDetectZeroes { get; init; } = "off";

    /// <summary>Whether the finished disks are compressed; only for <c>qcow2</c>. Default: false.</summary>
    public bool DiskCompression { get; init; }

    /// <summary>
    /// Whether the finished disks are left as the guest wrote them, and not copied without their empty parts. Default: false; with <c>raw</c> or
    /// <see cref="UseBackingFile"/> they are never copied.
    /// </summary>
    public bool SkipCompaction { get; init; }

    /// <summary>
    /// Whether QEMU reads the ISO from its address while the machine runs: nothing is downloaded, and nothing verified. The server must give parts of files,
    /// and QEMU must have its block driver <c>curl</c> (Debian: the package qemu-block-extra). Default: false.
    /// </summary>
    public bool IsoSkipCache { get; init; }

    /// <summary>Whether <c>IsoUrl</c> is a disk image that the machine starts from, not a CD. Default: false.</summary>
    public bool DiskImage { get; init; }

    /// <summary>Whether the disk only holds what differs from the disk image, which must stay where it is. Needs <see cref="DiskImage"/> and <c>qcow2</c>. Default: false.</summary>
    public bool UseBackingFile { get; init; }

    /// <summary>Whether the disk image keeps its size though <see cref="DiskSize"/> is set. Default: false.</summary>
    public bool SkipResizeDisk { get; init; }

    /// <summary>More arguments of <c>qemu-img</c>.</summary>
    public QemuImgArgs QemuImgArgs { get; init; } = new();

    // ---- Network ----

    /// <summary>The network card. Default: <c>virtio-net</c>.</summary>
    public string NetDevice { get; init; } = "virtio-net";

    /// <summary>Name of a bridge of this machine that the network card is connected to, instead of QEMU's own network; Linux only.</summary>
    public string? NetBridge { get; init; }

    /// <summary>The least port of this machine that leads to the guest's SSH or WinRM. It listens on 127.0.0.1 only. Default: 2222.</summary>
    [NotPartOfImage]
    [ConfigDeprecated("ssh_host_port_min")]
    [ConfigRange(1, 65535)]
    public int HostPortMin { get; init; } = 2222;

    /// <summary>The greatest such port; it can be used too. Default: 4444.</summary>
    [NotPartOfImage]
    [ConfigDeprecated("ssh_host_port_max")]
    [ConfigRange(1, 65535)]
    public int HostPortMax { get; init; } = 4444;

    /// <summary>Whether no port is forwarded: the guest is reached at the communicator's own host and port. Default: false.</summary>
    public bool SkipNatMapping { get; init; }

    // ---- Checkpoints ----

    /// <summary>
    /// When the state of the machine is kept in the cache, so that a later build goes on from there in seconds: <c>none</c>, <c>install</c> (when the
    /// connection stands for the first time, before the provisioners), or <c>all</c> (after each provisioner, too). Default: <c>install</c>.
    /// </summary>
    [NotPartOfImage]
    [ConfigChoice("none", "install", "all")]
    public string Checkpoints { get; init; } = "install";

    // ---- Screen and control ----

    /// <summary>Whether no window shows the machine. Default: false; where there is no graphical session the machine is always headless.</summary>
    [NotPartOfImage]
    public bool Headless { get; init; }

    /// <summary>The window that shows the machine (<c>-display</c>). Default: <c>gtk</c>, and <c>cocoa</c> on macOS.</summary>
    [NotPartOfImage]
    public string? Display { get; init; }

    /// <summary>Whether QEMU chooses the window. Default: false.</summary>
    [NotPartOfImage]
    public bool UseDefaultDisplay { get; init; }

    /// <summary>The graphics card (<c>-vga</c>). Default: QEMU's.</summary>
    public string? Vga { get; init; }

    /// <summary>Address of this machine at which VNC viewers can watch. Default: 127.0.0.1.</summary>
    [NotPartOfImage]
    public string VncBindAddress { get; init; } = "127.0.0.1";

    /// <summary>The least port for VNC. Default: 5900.</summary>
    [NotPartOfImage]
    [ConfigRange(5900, 65535)]
    public int VncPortMin { get; init; } = 5900;

    /// <summary>The greatest port for VNC; it can be used too. Default: 6000.</summary>
    [NotPartOfImage]
    [ConfigRange(5900, 65535)]
    public int VncPortMax { get; init; } = 6000;

    /// <summary>Whether VNC asks for a password. Default: false, and true where <see cref="VncPassword"/> is set.</summary>
    [NotPartOfImage]
    public bool VncUsePassword { get; init; }

    /// <summary>The password of VNC, at most 8 characters. Default: made by chance and written to the log file, where <see cref="VncUsePassword"/> is true.</summary>
    [NotPartOfImage]
    public Secret? VncPassword { get; init; }

    // ---- QEMU itself ----

    /// <summary>
    /// Whether other programs may control the machine by QMP, at <see cref="QmpSocketPath"/>. The build itself always has a connection of its own.
    /// Default: false, and true where <see cref="QmpSocketPath"/> is set.
    /// </summary>
    [NotPartOfImage]
    public bool QmpEnable { get; init; }

    /// <summary>
    /// The socket for <see cref="QmpEnable"/>, a path that the system allows for one (on Linux at most 107 bytes). It is there as long as the machine runs.
    /// Default: <c>&lt;VmName&gt;.monitor</c> in the folder of the image's log.
    /// </summary>
    [NotPartOfImage]
    [ConfigPath]
    public string? QmpSocketPath { get; init; }

    /// <summary>
    /// More arguments of QEMU, as JSON: a list of lists of a switch and its value, <c>[["-cpu","max"],["-device","virtio-rng-pci"]]</c>. A value whose
    /// <c>id</c> (or <c>netdev</c>, <c>drive</c>, <c>file</c>) one of the builder's own has takes its place; any other is added to those of the builder,
    /// except that a switch that can stand only once replaces it. <c>{{ .HTTPIP }}</c>, <c>{{ .HTTPPort }}</c>, <c>{{ .HTTPDir }}</c>,
    /// <c>{{ .OutputDir }}</c>, <c>{{ .Name }}</c>, <c>{{ .SSHHostPort }}</c> and <c>{{ .SSHPublicKey }}</c> are filled in.
    /// </summary>
    [RenderLate("HTTPIP", "HTTPPort", "HTTPDir", "OutputDir", "Name", "SSHHostPort", "SSHPublicKey")]
    public IReadOnlyList<IReadOnlyList<string>> QemuArgs { get; init; } = [];

    /// <summary>
    /// A kernel that the machine boots directly (<c>-kernel</c>), so that nothing needs to be typed. It is booted again at every reboot: let an installer switch the
    /// machine off at its end.
    /// </summary>
    [InputFile]
    public string? KernelPath { get; init; }

    /// <summary>The initial RAM disk of that kernel (<c>-initrd</c>).</summary>
    [InputFile]
    public string? InitrdPath { get; init; }

    /// <summary>The command line of that kernel (<c>-append</c>), with the same fields as <see cref="QemuArgs"/>.</summary>
    [RenderLate("HTTPIP", "HTTPPort", "HTTPDir", "OutputDir", "Name", "SSHHostPort", "SSHPublicKey")]
    public string? KernelArgs { get; init; }
}

/// <summary>Arguments that are inserted after the verb of <c>qemu-img</c>.</summary>
public sealed record QemuImgArgs
{
    /// <summary>Arguments of <c>qemu-img convert</c>.</summary>
    public IReadOnlyList<string> Convert { get; init; } = [];

    /// <summary>Arguments of <c>qemu-img create</c>.</summary>
    public IReadOnlyList<string> Create { get; init; } = [];

    /// <summary>Arguments of <c>qemu-img resize</c>.</summary>
    public IReadOnlyList<string> Resize { get; init; } = [];
}
