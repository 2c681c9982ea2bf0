namespace Packer.Engine.Planning;

/// <summary>The metadata that every image has for being started: by its test at the end of a build, and by <c>PackerRun</c>.</summary>
internal sealed record RunOptions
{
    /// <summary>The keys in PascalCase.</summary>
    public static readonly IReadOnlySet<string> Keys =
        new HashSet<string>(typeof(RunOptions).GetProperties().Select(property => property.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The TCP ports of the image that <c>PackerRun</c> makes reachable at 127.0.0.1 of this machine: <c>8080</c> takes a free port here, <c>8000:8080</c>
    /// the port 8000. Default: the <c>Ports</c> of an appliance, which are by default the <c>HttpPort</c> of each of its apps; 8080 for other images.
    /// </summary>
    public IReadOnlyList<string> RunPorts { get; init; } = [];

    /// <summary>Memory of the machine in MiB. Default: what a builder <c>qemu</c> has as <c>Memory</c>; 1024 for an appliance whose <c>Root</c> is <c>ram</c>; else 512.</summary>
    [ConfigRange(16, 1 << 20)]
    public int? RunMemory { get; init; }

    /// <summary>What starts the disk. Default: <c>uefi</c> for an appliance and for an image with the variables of UEFI (<c>efivars.fd</c>) beside its disk, else <c>bios</c>.</summary>
    [ConfigChoice(RunPlan.Bios, RunPlan.Uefi)]
    public string? RunFirmware { get; init; }

    /// <summary>
    /// What runs the machine's instructions. Default: <c>kvm</c> on Linux, <c>hvf</c> on macOS, <c>whpx</c> on Windows, each where it works, else <c>tcg</c>, which is
    /// emulation in software.
    /// </summary>
    [ConfigChoice("kvm", "hvf", "whpx", "tcg")]
    public string? RunAccelerator { get; init; }

    /// <summary>
    /// What the finished image must answer, or its build fails: a path such as <c>/health</c> at the first port of <see cref="RunPorts"/>, or with a port of the
    /// image before it, <c>9000/health</c>. An HTTP status from 200 to 399 is an answer. Default: no test.
    /// </summary>
    public string? TestHttp { get; init; }

    /// <summary>How long the answer may take from the start of the machine; four times as long where the machine is emulated in software. Default: <c>1m</c>.</summary>
    [ConfigRange("1s", "24h")]
    public TimeSpan TestTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
