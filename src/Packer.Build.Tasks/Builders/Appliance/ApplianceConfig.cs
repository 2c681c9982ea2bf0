using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Settings of the builder <c>appliance</c>: a disk that boots into the published app of the project, and nothing else.</summary>
public sealed record ApplianceConfig
{
    /// <summary>
    /// The time that is used where <see cref="SourceDateEpoch"/> is not set: 2025-01-01T00:00:00Z, in seconds since 1970-01-01T00:00:00Z.
    /// </summary>
    public const long DefaultSourceDateEpoch = 1735689600;

    /// <summary>The value of <see cref="Shape"/> that means no more than .NET needs.</summary>
    internal const string Minimal = "minimal";

    /// <summary>The value of <see cref="Shape"/> that means an installed Debian.</summary>
    internal const string Debian = "debian";

    /// <summary>The value of <see cref="UnsupportedScripts"/> that means an error.</summary>
    internal const string ScriptsAreErrors = "Error";

    /// <summary>The value of <see cref="UnsupportedScripts"/> that means to run them on the machine.</summary>
    internal const string ScriptsRunOnFirstBoot = "FirstBoot";

    /// <summary>The value of <see cref="BootMode"/> that means any firmware.</summary>
    internal const string Standard = "standard";

    /// <summary>The value of <see cref="BootMode"/> that means a unified kernel image.</summary>
    internal const string Unified = "uki";

    /// <summary>The value of <see cref="Root"/> that means a partition.</summary>
    internal const string OnDisk = "disk";

    /// <summary>The value of <see cref="Root"/> that means the initial RAM disk.</summary>
    internal const string InMemory = "ram";

    /// <summary>
    /// The formats to write, one file each; those of disks all from one pass over the disk: <c>raw</c>, the bytes of the disk, with holes where it is empty;
    /// <c>qcow2</c> for QEMU, Proxmox and OpenStack; <c>vhd</c> for Azure; <c>vhdx</c> for Hyper-V; <c>vmdk</c> (streamOptimized) for vSphere and AWS;
    /// <c>ova</c>, a whole machine of x86-64 for VMware and VirtualBox; <c>gcp</c>, the <c>.tar.gz</c> that Google Cloud imports. Without a disk, kernel
    /// and boot loader: <c>tar</c>, the root file system; <c>oci</c>, the same as a container image (<c>.oci.tar</c>). And <c>uki</c>, the unified kernel image alone
    /// (<c>.efi</c>), for <see cref="BootMode"/> <c>uki</c>: with <see cref="Root"/> <c>ram</c> it is the whole machine, to be started over the network. Default: <c>raw</c>.
    /// </summary>
    [ConfigChoice(DiskFormats.Raw, DiskFormats.Qcow2, DiskFormats.Vhd, DiskFormats.Vhdx, DiskFormats.Vmdk, DiskFormats.Ova, DiskFormats.GoogleCloud, ApplianceFormats.Tar, ApplianceFormats.Oci, ApplianceFormats.Unified)]
    public IReadOnlyList<string> Formats { get; init; } = [DiskFormats.Raw];

    /// <summary>
    /// How a qcow2 file is compressed: <c>none</c>, the fastest to write and the largest; <c>zlib</c>, which every reader knows; <c>zstd</c>, about as small
    /// and faster to read, for QEMU 5.1 and later. Default: <c>zlib</c>.
    /// </summary>
    [ConfigChoice(DiskFormats.NoCompression, DiskFormats.Zlib, DiskFormats.Zstd)]
    public string Qcow2Compression { get; init; } = DiskFormats.Zlib;

    /// <summary>
    /// Kind of a VHD file: <c>fixed</c>, as long as the disk, with holes, which Azure demands; <c>dynamic</c>, which holds only blocks that have data.
    /// Default: <c>fixed</c>.
    /// </summary>
    [ConfigChoice(DiskFormats.FixedVhd, DiskFormats.DynamicVhd)]
    public string VhdType { get; init; } = DiskFormats.FixedVhd;

    /// <summary>
    /// What the image is made of: <c>minimal</c>, the Debian files that .NET needs, with a small init of the SDK's own and no shell but BusyBox's; or <c>debian</c>, an
    /// installed Debian that systemd starts, with dpkg and apt, users, and an SSH server if <see cref="Packages"/> names one. Default: <c>minimal</c>.
    /// </summary>
    [ConfigChoice(Minimal, Debian)]
    public string Shape { get; init; } = Minimal;

    /// <summary>
    /// What becomes of a package whose maintainer scripts the SDK does not know, in an image of the <see cref="Shape"/> <c>debian</c>: <c>Error</c>, or
    /// <c>FirstBoot</c>, which leaves it unpacked, so that the machine configures it when it starts for the first time. Default: <c>Error</c>.
    /// </summary>
    [ConfigChoice(ScriptsAreErrors, ScriptsRunOnFirstBoot)]
    public string UnsupportedScripts { get; init; } = ScriptsAreErrors;

    /// <summary>
    /// Public SSH keys with which root may log in, each a line as in <c>authorized_keys</c>: <c>ssh-ed25519 AAAA… me@here</c>. Only for images of the
    /// <see cref="Shape"/> <c>debian</c> that have an SSH server. Default: none.
    /// </summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init; } = [];

    /// <summary>Files with such keys, as ssh-keygen makes them: <c>keys/*.pub</c>. Default: none.</summary>
    [InputFiles]
    public IReadOnlyList<string> AuthorizedKeyFiles { get; init; } = [];

    /// <summary>
    /// Suite or codename of the Debian release that the image is made of. Default: <c>trixie</c> (Debian 13). Its updates and security updates are
    /// always part of it. A release before trixie has no signed boot loader that fits and cannot be used.
    /// </summary>
    public string DebianSuite { get; init; } = "trixie";

    /// <summary>
    /// Address (<c>http:</c>, <c>https:</c> or <c>file:</c>) of a mirror of the Debian archive: the folder that holds <c>dists</c> and <c>pool</c>.
    /// Default: the one that apt is set up to use on this machine; on a machine without apt it must be set, best as the property <c>PackerDebianMirror</c>.
    /// Whatever the mirror is, what comes from it is trusted only as far as Debian's signatures say.
    /// </summary>
    [NotPartOfImage]
    public Uri? DebianMirror { get; init; }

    /// <summary>
    /// Address of a mirror of Debian's security archive, as <see cref="DebianMirror"/>. Default: the one that apt is set up to use on this machine.
    /// </summary>
    [NotPartOfImage]
    public Uri? DebianSecurityMirror { get; init; }

    /// <summary>
    /// Keyring files (OpenPGP public keys, <c>.gpg</c> or <c>.asc</c>) of mirrors that sign with keys of their own. They are trusted besides Debian's
    /// keys, which the SDK brings. Default: none.
    /// </summary>
    [InputFile]
    public IReadOnlyList<string> DebianKeyring { get; init; } = [];

    /// <summary>
    /// Debian packages to add, with all that they depend on: <c>curl;tzdata</c>. Their files are put into the image; their maintainer scripts do not run,
    /// and a package that has some is named in a warning unless it is known to work without (but see <see cref="UnsupportedScripts"/>). Default: none.
    /// </summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>
    /// Name of the machine: labels of letters, digits and hyphens, with dots between them, at most 64 characters. Default: the name of the image in
    /// lower case, with hyphens in place of what a host's name cannot have.
    /// </summary>
    public string? HostName { get; init; }

    /// <summary>
    /// Environment variables of the app. They stand in the image, where whoever has the disk can read them: give secrets to the running machine in
    /// another way. Default: none but <c>ASPNETCORE_HTTP_PORTS</c> (see <see cref="HttpPort"/>), <c>HOME</c> (<c>/var/lib/app</c>, where the app may
    /// write) and <c>PATH</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Arguments of the app, passed as they are. Default: none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// TCP port, 1 to 65535, on which an ASP.NET Core app listens for HTTP (<c>ASPNETCORE_HTTP_PORTS</c>). Ports below 1024 can be used too.
    /// It has no effect where <see cref="Environment"/> sets the app's ports or URLs (<c>ASPNETCORE_HTTP_PORTS</c>, <c>ASPNETCORE_HTTPS_PORTS</c>,
    /// <c>ASPNETCORE_URLS</c>). Default: 8080.
    /// </summary>
    [ConfigRange(1, 65535)]
    public int HttpPort { get; init; } = 8080;

    /// <summary>
    /// TCP ports on which the apps of the image listen, for those who start it: <c>PackerRun</c> and <c>TestHttp</c> forward them, and a container image names
    /// them. Default: the <see cref="HttpPort"/> of each app.
    /// </summary>
    [ConfigRange(1, 65535)]
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>
    /// User that the app runs as: the name of one that is made for it (number 1654), a number from 0 to 4294967294, or <c>root</c>, which is a warning. The app's home,
    /// <c>/var/lib/app</c>, belongs to this user. Default: <c>app</c>.
    /// </summary>
    public string User { get; init; } = Accounts.AppUserName;

    /// <summary>
    /// Folder of the image that the app is started in, as a full path. ASP.NET Core looks there for <c>appsettings.json</c> and <c>wwwroot</c>. Default: the app's
    /// own, <c>/app</c>.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Files and folders to put into the image besides the app, as records: <c>[{ "Source": "site", "Path": "/srv/site" }]</c>, with <c>Mode</c> and <c>Owner</c> where the
    /// defaults do not fit. What they hold is part of the image: an edit makes it out of date. Default: none.
    /// </summary>
    public IReadOnlyList<ImageFile> Files { get; init; } = [];

    /// <summary>
    /// Folders to make in the image, or to give other permissions or owners, as records: <c>[{ "Path": "/srv/uploads", "Owner": "app" }]</c>, with <c>Mode</c> where
    /// the default does not fit. Default: none.
    /// </summary>
    public IReadOnlyList<ImageDirectory> Directories { get; init; } = [];

    /// <summary>
    /// Debian package of the kernel, or one that depends on it: <c>linux-image-amd64</c> for machines whose drivers the cloud kernel lacks,
    /// <c>linux-image-rt-amd64</c> for real-time work, or one of a fixed version. A package that ends in <c>-unsigned</c> starts only where Secure Boot is off.
    /// Default: <c>linux-image-cloud-amd64</c>, or <c>linux-image-cloud-arm64</c> for an app of <c>linux-arm64</c>.
    /// </summary>
    public string? KernelPackage { get; init; }

    /// <summary>Parameters of the Linux kernel that are added to those of the image, such as <c>mitigations=off</c>. Default: none.</summary>
    public IReadOnlyList<string> KernelArguments { get; init; } = [];

    /// <summary>
    /// How the machine starts: <c>standard</c>, by BIOS and by UEFI, also where Secure Boot is on, with the boot loader and the kernel that Debian has signed; or
    /// <c>uki</c>, by UEFI alone, with kernel, parameters and initial RAM disk in one unified kernel image, which can be signed with a key of one's own
    /// (<see cref="SigningKey"/>) and is measured as a whole. Default: <c>standard</c>.
    /// </summary>
    [ConfigChoice(Standard, Unified)]
    public string BootMode { get; init; } = Standard;

    /// <summary>
    /// Where the root file system is: <c>disk</c>, on a partition of its own; <c>ram</c>, in the initial RAM disk, so that the machine needs nothing but its kernel's files, runs from
    /// memory, and starts each time as it was built. In memory it needs about three times the size of the app and its libraries, 512 MiB at least for an app that brings .NET, and
    /// <see cref="FreeSpace"/> and <see cref="Immutable"/> have no effect. Default: <c>disk</c>.
    /// </summary>
    [ConfigChoice(OnDisk, InMemory)]
    public string Root { get; init; } = OnDisk;

    /// <summary>
    /// Full path of a file with the RSA key and the certificate that sign the unified kernel image for Secure Boot: PEM with both, or PKCS #12 (<c>.pfx</c>,
    /// <c>.p12</c>). The certificate must be in the firmware's list <c>db</c>. Only for images whose <see cref="BootMode"/> is <c>uki</c>. Default: none, so that the image is not signed.
    /// </summary>
    [InputFile]
    public string? SigningKey { get; init; }

    /// <summary>Password of <see cref="SigningKey"/>. Default: none.</summary>
    [NotPartOfImage]
    public Secret? SigningKeyPassword { get; init; }

    /// <summary>
    /// Room left in the root file system for what the app writes, in bytes. It has no effect where the image is <see cref="Immutable"/> or has <see cref="Verity"/>. Default: <c>256M</c>.
    /// </summary>
    public ByteSize FreeSpace { get; init; } = new(256L << 20);

    /// <summary>
    /// Size of the whole disk, a multiple of 1 MiB; the root file system takes what the boot partition leaves. Default: as small as its content and
    /// <see cref="FreeSpace"/> allow.
    /// </summary>
    [ConfigRange("64M", "16T")]
    public ByteSize? DiskSize { get; init; }

    /// <summary>
    /// Size of a partition of its own for what the apps write, a multiple of 1 MiB: their home folders (<c>/var/lib/app</c>) lie there. Default: none, they lie in the
    /// root file system.
    /// </summary>
    [ConfigRange("32M", "8T")]
    public ByteSize? DataSize { get; init; }

    /// <summary>
    /// Whether the machine starts each time as it was built: the root file system is never written, what is changed in it lives in memory and is gone at the next
    /// start. Only what lies on the partition of <see cref="DataSize"/> stays. Default: <c>false</c>.
    /// </summary>
    public bool Immutable { get; init; }

    /// <summary>
    /// Whether every block of the root file system is checked as it is read (dm-verity), by a hash that the unified kernel image holds: with <see cref="SigningKey"/> the signature covers all that runs.
    /// A machine that reads a block that is not as it was built stops at once and starts anew. It means <see cref="Immutable"/>, and needs the <see cref="BootMode"/> <c>uki</c>. Default: <c>false</c>.
    /// </summary>
    public bool Verity { get; init; }

    /// <summary>Whether nothing is written to the root file system.</summary>
    internal bool IsImmutable => Immutable || Verity;

    /// <summary>
    /// Whether the machine takes what the cloud that it runs in, or a volume labelled <c>cidata</c>, says of it: its name, SSH keys where there is an SSH server, and the
    /// user data, which become the file <c>/run/packer/user-data</c>. On Azure it also reports that it is ready. Without a cloud no network is asked. Default: <c>true</c>.
    /// </summary>
    public bool CloudMetadata { get; init; } = true;

    /// <summary>
    /// Time servers (SNTP) that the machine sets its clock by, names of hosts or IP addresses, or the one word <c>none</c>, which leaves the clock alone. Default: those that
    /// the network names (DHCP option 42), else that of the cloud (AWS, Google), else <c>0.debian.pool.ntp.org</c> to <c>3.debian.pool.ntp.org</c>.
    /// </summary>
    public IReadOnlyList<string> TimeServers { get; init; } = [];

    /// <summary>
    /// Whether a bill of materials is written beside the disk, <c>name.cdx.json</c> in the form of CycloneDX 1.6: Debian's packages and the NuGet packages of the
    /// app, with their versions, and the app's files with their hashes. It is a file of the image as the disks are. Default: <c>false</c>.
    /// </summary>
    public bool Sbom { get; init; }

    /// <summary>
    /// The time of everything in the image, in seconds since 1970-01-01T00:00:00Z: the app's files have exactly this modification time, Debian's
    /// files none after it. The same inputs then give the same bytes at any time. An app that serves static files by their time stamps
    /// (<c>UseStaticFiles</c>) should set it for each release, for example to the time of the commit, so that browsers notice changed files.
    /// Default: 1735689600, which is 2025-01-01T00:00:00Z.
    /// </summary>
    [ConfigRange(0, uint.MaxValue)]
    public long? SourceDateEpoch { get; init; }
}
