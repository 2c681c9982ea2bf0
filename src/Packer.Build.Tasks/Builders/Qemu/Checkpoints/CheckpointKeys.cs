using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Packer.Engine.Planning;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>A point of the build at which its state can be kept.</summary>
/// <param name="Provisioners">How many provisioners have run.</param>
/// <param name="Key">Hash of everything that led there.</param>
/// <param name="Description">What its checkpoint holds, for messages.</param>
internal sealed record CheckpointPoint(int Provisioners, string Key, string Description);

/// <summary>Makes the keys of checkpoints: a chain of hashes, in which each key holds the one before it.</summary>
internal static class CheckpointKeys
{
    /// <summary>Raised when the state of a machine is kept in another way; no older checkpoint is found then.</summary>
    private const string Schema = "packer qemu checkpoint 1";

    private const int KeyLength = 32;

    /// <summary>
    /// Keys that count only after the provisioners, or whose meaning is a fact of its own: the ISO is known by its content, the name by what the texts make of it.
    /// </summary>
    private static readonly HashSet<string> LeftOut = new(
        new[]
        {
            "iso_url", "iso_urls", "iso_checksum", "vm_name", "format", "shutdown_command", "disk_compression", "skip_compaction", "ssh_clear_authorized_keys",
            "efi_drop_efivars",
        }.Select(key => $"key '{key}'"),
        StringComparer.Ordinal);

    /// <summary>The points of a build, in order. After the first provisioner that always runs there are none.</summary>
    /// <param name="level">The key <c>Checkpoints</c>: <c>install</c> or <c>all</c>.</param>
    /// <param name="image">Name of the image, which provisioners are told.</param>
    /// <param name="chain">What the project says.</param>
    /// <param name="facts">What this machine and the files on it add.</param>
    public static IReadOnlyList<CheckpointPoint> Create(string level, string image, BuildChain chain, IEnumerable<string> facts)
    {
        var start = chain.Start.Where(part => !LeftOut.Contains(part.Key)).OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => $"{part.Key}={part.Value}");
        var key = Hash([Schema, .. start, .. facts]);
        var points = new List<CheckpointPoint> { new(0, key, "of the installed system") };
        if (level != "all") return points;
        key = Hash([key, image]);
        foreach (var (index, link) in chain.Provisioners.TakeWhile(link => !link.Always).Index())
        {
            key = Hash([key, link.Hash]);
            points.Add(new CheckpointPoint(index + 1, key, string.Create(CultureInfo.InvariantCulture, $"after provisioner {index + 1} of {chain.Provisioners.Count} ({link.Name})")));
        }
        return points;
    }

    // No line can hold the end of another.
    private static string Hash(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Length}:{line}\n"))))))[..KeyLength];
}
