using System.Text.Json;

namespace Packer.Builders.Qemu;

/// <summary>UEFI firmware of this system.</summary>
/// <param name="Code">Full path of the firmware.</param>
/// <param name="Variables">Full path of its empty variables.</param>
internal sealed record Firmware(string Code, string Variables)
{
    private const string X64 = "x86_64";
    private const string Arm64 = "aarch64";

    /// <summary>Where systems keep QEMU's firmware descriptions, the most specific first (QEMU, docs/interop/firmware.json).</summary>
    private static readonly string[] DescriptionFolders =
        ["/etc/qemu/firmware", "/usr/local/share/qemu/firmware", "/usr/share/qemu/firmware", "/opt/homebrew/share/qemu/firmware"];

    /// <summary>Where the files themselves lie on systems that describe none.</summary>
    private static readonly (string Architecture, string Code, string Variables)[] Usual =
    [
        (X64, "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        (X64, "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        (X64, "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        (X64, "/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
        (X64, "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        (X64, "/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
        (X64, "/opt/homebrew/share/qemu/edk2-x86_64-code.fd", "/opt/homebrew/share/qemu/edk2-i386-vars.fd"),
        (X64, "/usr/local/share/qemu/edk2-x86_64-code.fd", "/usr/local/share/qemu/edk2-i386-vars.fd"),
        (X64, @"C:\Program Files\qemu\share\edk2-x86_64-code.fd", @"C:\Program Files\qemu\share\edk2-i386-vars.fd"),
        (Arm64, "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
        (Arm64, "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"),
        (Arm64, "/usr/share/qemu/aavmf-aarch64-code.bin", "/usr/share/qemu/aavmf-aarch64-vars.bin"),
        (Arm64, "/opt/homebrew/share/qemu/edk2-aarch64-code.fd", "/opt/homebrew/share/qemu/edk2-arm-vars.fd"),
        (Arm64, "/usr/local/share/qemu/edk2-aarch64-code.fd", "/usr/local/share/qemu/edk2-arm-vars.fd"),
        (Arm64, @"C:\Program Files\qemu\share\edk2-aarch64-code.fd", @"C:\Program Files\qemu\share\edk2-arm-vars.fd"),
    ];

    /// <summary>Finds firmware without Secure Boot, whose variables are empty.</summary>
    /// <param name="binary">The program of QEMU, whose name tells the architecture.</param>
    /// <returns>The firmware, or null where this system has none.</returns>
    public static Firmware? Find(string binary)
    {
        var architecture = ArchitectureOf(binary);
        return Described(architecture, DescriptionFolders) ?? Usual
            .Where(candidate => candidate.Architecture == architecture && System.IO.File.Exists(candidate.Code) && System.IO.File.Exists(candidate.Variables))
            .Select(candidate => new Firmware(candidate.Code, candidate.Variables)).FirstOrDefault();
    }

    /// <summary>The architecture in the name of a program: <c>aarch64</c> of <c>qemu-system-aarch64</c>.</summary>
    public static string ArchitectureOf(string binary)
    {
        var name = Path.GetFileNameWithoutExtension(binary);
        return name.Contains(Arm64, StringComparison.OrdinalIgnoreCase) ? Arm64 : X64;
    }

    /// <summary>Reads the firmware descriptions of the system, of which those in an earlier folder hide those of the same name in a later one.</summary>
    internal static Firmware? Described(string architecture, IEnumerable<string> folders)
    {
        var files = folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.json"))
            .GroupBy(Path.GetFileName, StringComparer.Ordinal).Select(same => same.First()).OrderBy(Path.GetFileName, StringComparer.Ordinal);
        return files.Select(file => Read(file, architecture)).FirstOrDefault(found => found is not null);
    }

    private static Firmware? Read(string file, string architecture)
    {
        try
        {
            using var json = JsonDocument.Parse(System.IO.File.ReadAllBytes(file));
            var root = json.RootElement;
            if (!Texts(root, "interface-types").Contains("uefi")) return null;
            if (!root.GetProperty("targets").EnumerateArray().Any(target => target.GetProperty("architecture").GetString() == architecture)) return null;
            // Secure Boot would refuse what is not signed, and needs a machine with System Management Mode.
            if (Texts(root, "features").Any(feature => feature is "requires-smm" or "secure-boot" or "enrolled-keys" or "amd-sev-es" or "intel-tdx")) return null;
            var mapping = root.GetProperty("mapping");
            if (mapping.GetProperty("device").GetString() != "flash" || !mapping.TryGetProperty("nvram-template", out var template)) return null;
            var executable = mapping.GetProperty("executable");
            if (executable.GetProperty("format").GetString() != "raw" || template.GetProperty("format").GetString() != "raw") return null;
            var found = new Firmware(executable.GetProperty("filename").GetString()!, template.GetProperty("filename").GetString()!);
            return System.IO.File.Exists(found.Code) && System.IO.File.Exists(found.Variables) ? found : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            // A description that is none is another package's fault; the next one may do.
            return null;
        }
    }

    private static IEnumerable<string?> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(element => element.GetString()) : [];
}
