using Packer.Imaging;

namespace Packer.PostProcessors.Convert;

/// <summary>Names of disks and what is made of them.</summary>
internal static class DiskNames
{
    /// <summary>2025-01-01T00:00:00Z: formats hold a time, and the same disk is to give the same bytes.</summary>
    private const long Timestamp = 1735689600;

    private static readonly string[] Extensions = [".raw", ".img", ".qcow2", ".vhd", ".vpc", ".vhdx", ".vmdk", ".ova"];

    /// <summary>The name of a file without the extension of a disk format. Another one may be part of a name: <c>packer-web-1.2</c>.</summary>
    public static string WithoutExtension(string path)
    {
        var name = Path.GetFileName(path);
        var extension = Array.Find(Extensions, extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && name.Length > extension.Length);
        return extension is null ? name : name[..^extension.Length];
    }

    /// <summary>What formats store besides the bytes: the same for the same name.</summary>
    public static DiskIdentity Identity(string name) => new(name, DeterministicGuid.Create($"packer.convert/{name}"), Timestamp);
}
