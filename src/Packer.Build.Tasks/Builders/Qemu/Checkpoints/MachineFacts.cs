using System.Globalization;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>What the state of a machine depends on beyond the plan: the programs and files of the machine that builds.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
internal sealed class MachineFacts(QemuConfig config, BuildContext context)
{
    private const string NameField = ".Name";

    /// <summary>Lists them, a line each.</summary>
    /// <param name="program">Full path of the program of QEMU.</param>
    /// <param name="accelerator">What runs the guest's instructions.</param>
    /// <param name="machineType">The type of the machine.</param>
    /// <param name="machineName">What <c>{{ .Name }}</c> gives.</param>
    /// <param name="iso">Full path of the ISO or disk image, or null.</param>
    /// <param name="remoteIso">What tells an ISO that is read in place from another, or null.</param>
    public IReadOnlyList<string> List(string program, string accelerator, string machineType, string machineName, string? iso, string? remoteIso)
    {
        var facts = new List<string>
        {
            "program " + Identity(program),
            "accelerator " + accelerator,
            "machine " + machineType,
            "cpu " + CommandLine.ProcessorOf(config, accelerator),
            // The guest is told whether its disk has a cache.
            "cache " + config.DiskCache,
            "temporary key " + TemporaryKey.IsNeeded(config),
        };
        if (accelerator != AcceleratorTrial.Software) facts.Add("processor " + Processor());
        if (PrepareFirmwareStep.IsNeeded(config)) facts.Add($"firmware {Identity(PrepareFirmwareStep.Find(config).Code)} {Identity(PrepareFirmwareStep.Find(config).Variables)}");
        if (iso is not null) facts.Add("iso " + Content(iso));
        if (remoteIso is not null) facts.Add("iso at " + remoteIso);
        if (iso is not null && config.UseBackingFile) facts.Add("backing file " + iso);
        if (Texts().Any(text => text.Contains(NameField, StringComparison.Ordinal))) facts.Add("name " + machineName);
        return facts;
    }

    /// <summary>The digest that the ISO was verified by; else the one of what lies there, as nothing else tells that it is still the same.</summary>
    private string Content(string iso)
    {
        if (config.Iso.IsoChecksum.Length > 0 && ChecksumSetting.Parse(config.Iso.IsoChecksum).Digest is { } digest) return digest.ToString();
        var hashes = new FileHashes(Path.Combine(context.LogDirectory, context.Image + ".iso.hashes"));
        var hash = hashes.OfFile(iso);
        hashes.Save();
        return hash;
    }

    private IEnumerable<string> Texts() =>
        config.Boot.BootCommand.Concat(config.Boot.BootSteps.SelectMany(step => step)).Concat(config.QemuArgs.SelectMany(entry => entry)).Append(config.KernelArgs ?? "");

    private static string Identity(string path)
    {
        var file = new FileInfo(System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
    }

    /// <summary>An accelerated guest has seen the processor itself, and cannot go on on another.</summary>
    private static string Processor()
    {
        const string Description = "/proc/cpuinfo";
        if (!System.IO.File.Exists(Description)) return Environment.MachineName;
        return string.Join(' ', System.IO.File.ReadLines(Description).TakeWhile(line => line.Length > 0)
            .Where(line => line.StartsWith("model", StringComparison.Ordinal) || line.StartsWith("stepping", StringComparison.Ordinal) || line.StartsWith("microcode", StringComparison.Ordinal)
                || line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)));
    }
}
