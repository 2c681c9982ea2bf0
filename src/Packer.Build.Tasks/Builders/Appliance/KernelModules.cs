using System.Text;
using Packer.Debian;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// The modules that an image brings, with all that they depend on, and the indexes by which modprobe finds them (modules.dep(5); depmod, which
/// writes them on an installed system, is part of maintainer scripts that never run here).
/// </summary>
/// <param name="Version">The kernel's version, the name of the folder below <c>/lib/modules</c>.</param>
/// <param name="Modules">The modules, ordered by name.</param>
internal sealed record KernelModules(string Version, IReadOnlyList<KernelModule> Modules)
{
    private const string Folder = "/usr/lib/modules";
    private const string Suffix = ".ko";
    private const long MaximumModuleLength = 256 << 20;

    // The forms that ExpandingStream reads; Debian 13 packs with xz, Debian 12 not at all.
    private static readonly string[] PackedSuffixes = ["", ".xz", ".zst", ".gz"];

    /// <summary>
    /// Drivers of the disks and networks of QEMU, the large clouds, Hyper-V, VMware, VirtualBox and Xen, of the power button, and of file systems
    /// that configuration is handed over on. What the kernel has built in (NVMe, ext4, serial ports) need not be named.
    /// </summary>
    public static IReadOnlyList<string> Default { get; } =
    [
        "ahci", "ata_piix", "button", "dm_verity", "ena", "erofs", "evdev", "ext4", "gve", "hv_netvsc", "hv_storvsc", "hv_utils", "isofs", "loop", "mana", "nls_ascii", "nls_cp437", "nls_iso8859_1", "nvme", "overlay",
        "ptp_kvm", "sd_mod", "sr_mod", "squashfs", "vfat", "virtio_blk", "virtio_net", "virtio_rng", "virtio_scsi", "vmxnet3", "xen_blkfront", "xen_netfront",
    ];

    /// <summary>
    /// Drivers that an image brings where its kernel has them, which Debian's cloud kernel mostly does not: those of the machines that VMware and QEMU have by default,
    /// and of common servers and small computers.
    /// </summary>
    public static IReadOnlyList<string> WhereThere { get; } =
    [
        "bnx2", "bnxt_en", "crc32c_generic", "crc32c_intel", "e1000", "e1000e", "ehci_pci", "hid_generic", "i40e", "i8042", "igb", "igc", "ixgbe", "megaraid_sas", "mpi3mr", "mpt3sas", "mptsas", "mptspi", "pcnet32", "r8169", "sdhci_acpi", "sdhci_pci",
        "tg3", "uas", "usb_storage", "usbhid", "vmd", "vmw_pvscsi", "xhci_pci",
    ];

    /// <summary>Reads modules and what they depend on from the files of a kernel package.</summary>
    /// <param name="kernel">The files of the package.</param>
    /// <param name="names">The modules that are wanted; those that the kernel has built in are passed over.</param>
    /// <param name="whereThere">Those that are wanted if the kernel has them.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.KernelDoesNotFit"/>: the kernel has no such module.</exception>
    /// <exception cref="ImagingException">A module cannot be read.</exception>
    public static KernelModules Read(FileTree kernel, IReadOnlyCollection<string> names, IReadOnlyCollection<string>? whereThere = null)
    {
        var version = kernel.Find(Folder)?.Children.Keys.SingleOrDefault()
            ?? throw new ImagingException($"The kernel's package has not exactly one folder below {Folder}. Use another suite.");
        var files = Index(kernel, version);
        var builtIn = BuiltIn(kernel, version);
        var modules = new SortedDictionary<string, KernelModule>(StringComparer.Ordinal);
        var pending = new Stack<string>(names.Concat(whereThere?.Where(name => files.ContainsKey(KernelModule.NormalizeName(name))) ?? []).Select(KernelModule.NormalizeName));
        while (pending.TryPop(out var name))
        {
            if (modules.ContainsKey(name) || builtIn.Contains(name)) continue;
            if (!files.TryGetValue(name, out var file)) throw new PackerException(DiagnosticCodes.KernelDoesNotFit, $"The kernel {version} has no driver '{name}', which every image has. Use another KernelPackage, or another DebianSuite.");
            var module = KernelModule.Read(name, file.Path, Expand(file.Node, file.PackedPath));
            modules.Add(name, module);
            foreach (var dependency in module.Dependencies) pending.Push(dependency);
        }
        return new KernelModules(version, [.. modules.Values]);
    }

    /// <summary>Adds the modules and their indexes below <c>/lib/modules</c> of a folder; an empty text is the root.</summary>
    public void AddTo(FileTree tree, string prefix, NodeMetadata metadata)
    {
        var folder = $"{prefix}/lib/modules/{Version}";
        foreach (var module in Modules) tree.AddFile($"{folder}/{module.Path}", new BytesSource(module.Data), metadata);
        tree.AddFile($"{folder}/modules.dep", DependencyIndex(), metadata);
        tree.AddFile($"{folder}/modules.alias", AliasIndex(), metadata);
    }

    /// <summary>Each module's path, and after a colon those that must be loaded before it, the one to load first last.</summary>
    public string DependencyIndex()
    {
        var byName = Modules.ToDictionary(module => module.Name, StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (var module in Modules)
        {
            text.Append(module.Path).Append(':');
            foreach (var needed in LoadOrder(module, byName)) text.Append(' ').Append(needed.Path);
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A line for each device pattern of each module.</summary>
    public string AliasIndex() => string.Concat(Modules.SelectMany(module => module.Aliases.Select(alias => $"alias {alias} {module.Name}\n")));

    private static IEnumerable<KernelModule> LoadOrder(KernelModule module, Dictionary<string, KernelModule> byName)
    {
        var loaded = new List<KernelModule>();
        Visit(module);
        loaded.Remove(module);
        loaded.Reverse();
        return loaded;

        void Visit(KernelModule next)
        {
            if (loaded.Contains(next)) return;
            // What a module depends on comes before it; one that is built in is always there.
            foreach (var name in next.Dependencies)
                if (byName.TryGetValue(name, out var needed) && needed != module) Visit(needed);
            loaded.Add(next);
        }
    }

    private static Dictionary<string, (string Path, string PackedPath, Node Node)> Index(FileTree kernel, string version)
    {
        var prefix = $"{Folder}/{version}/";
        var files = new Dictionary<string, (string, string, Node)>(StringComparer.Ordinal);
        foreach (var entry in kernel.Walk())
        {
            if (!entry.Path.StartsWith(prefix, StringComparison.Ordinal) || entry.Node.Type != NodeType.File) continue;
            var relative = entry.Path[prefix.Length..];
            foreach (var packed in PackedSuffixes)
            {
                if (!relative.EndsWith(Suffix + packed, StringComparison.Ordinal)) continue;
                var path = relative[..^packed.Length];
                files[KernelModule.NormalizeName(path[(path.LastIndexOf('/') + 1)..^Suffix.Length])] = (path, relative, entry.Node);
            }
        }
        return files;
    }

    private static HashSet<string> BuiltIn(FileTree kernel, string version)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (kernel.Find($"{Folder}/{version}/modules.builtin") is not { } list) return names;
        foreach (var line in Encoding.UTF8.GetString(list.Data.ReadAll()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            names.Add(KernelModule.NormalizeName(Path.GetFileNameWithoutExtension(line)));
        return names;
    }

    private static byte[] Expand(Node file, string packedPath)
    {
        var packed = file.Data.ReadAll();
        if (packedPath.EndsWith(Suffix, StringComparison.Ordinal)) return packed;
        using var expanded = new MemoryStream();
        using (var stream = ExpandingStream.Open(new MemoryStream(packed), packedPath, MaximumModuleLength, packedPath)) stream.CopyTo(expanded);
        return expanded.ToArray();
    }
}
