using System.Globalization;
using Packer.Engine;
using Packer.Engine.Checkpoints;

namespace Packer.Builders.Qemu;

/// <summary>
/// The disks of a machine that can be kept: each a stack of qcow2 files, of which the machine writes to the last alone. Each file names the one below it
/// by its name without a folder, so that a stack can lie anywhere.
/// </summary>
/// <param name="context">The build that runs.</param>
internal sealed class DiskLayers(BuildContext context)
{
    /// <summary>The format of every layer.</summary>
    public const string Format = "qcow2";

    private readonly string folder = Path.Combine(context.TemporaryDirectory, "disks");
    private readonly QemuImg program = new(context);
    private List<List<Layer>> disks = [];

    /// <summary>Full paths of the files that the machine writes to, in the order of the disks.</summary>
    public IReadOnlyList<string> Active => [.. disks.Select(layers => layers[^1].Path)];

    /// <summary>Whether every disk is one file.</summary>
    public bool AreFlat => disks.TrueForAll(layers => layers.Count == 1);

    /// <summary>Begins anew; who calls it makes the files.</summary>
    /// <param name="count">Number of disks.</param>
    public void Create(int count)
    {
        Clear();
        disks = [.. Enumerable.Range(0, count).Select(disk => new List<Layer> { new(PathOf(disk, 0), null, null) })];
    }

    /// <summary>Takes over the disks of a checkpoint, with an empty layer on each.</summary>
    /// <param name="checkpoint">The checkpoint; it is in use as long as the disks are.</param>
    /// <param name="token">Ends the work.</param>
    public async Task RestoreAsync(Checkpoint checkpoint, CancellationToken token)
    {
        Clear();
        for (var disk = 0; checkpoint.Find(NameOf(disk, 0)) is not null; disk++)
        {
            var layers = new List<Layer>();
            for (; checkpoint.Find(NameOf(disk, layers.Count)) is { } kept; layers.Add(new Layer(PathOf(disk, layers.Count), kept, Known(checkpoint, disk, layers.Count))))
                FileLinks.Refer(kept, PathOf(disk, layers.Count));
            var top = PathOf(disk, layers.Count);
            await program.RunAsync(["create", "-q", "-f", Format, "-b", NameOf(disk, layers.Count - 1), "-F", Format, top], token).ConfigureAwait(false);
            layers.Add(new Layer(top, null, null));
            disks.Add(layers);
        }
    }

    /// <summary>Makes an empty layer for each disk, which <see cref="Push"/> puts on top.</summary>
    /// <param name="sizes">Sizes of the disks in bytes, which cannot be read from files that the machine writes to.</param>
    /// <param name="token">Ends the work.</param>
    /// <returns>Full paths of the new files.</returns>
    public async Task<IReadOnlyList<string>> PrepareAsync(IReadOnlyList<long> sizes, CancellationToken token)
    {
        var paths = new List<string>();
        foreach (var (disk, layers) in disks.Index())
        {
            var path = PathOf(disk, layers.Count);
            System.IO.File.Delete(path);
            await program.RunAsync(["create", "-q", "-u", "-f", Format, "-b", NameOf(disk, layers.Count - 1), "-F", Format, path, sizes[disk].ToString(CultureInfo.InvariantCulture)], token).ConfigureAwait(false);
            paths.Add(path);
        }
        return paths;
    }

    /// <summary>Notes that the machine writes to the layers that were prepared; nobody writes to those below any more.</summary>
    public void Push()
    {
        foreach (var (disk, layers) in disks.Index()) layers.Add(new Layer(PathOf(disk, layers.Count), null, null));
    }

    /// <summary>Gives a checkpoint all layers that nobody writes to.</summary>
    public void AddTo(CheckpointDraft draft)
    {
        foreach (var (disk, layers) in disks.Index())
        {
            foreach (var (index, layer) in layers.SkipLast(1).Index())
                draft.Add(NameOf(disk, index), layer.Kept is not null && System.IO.File.Exists(layer.Kept) ? layer.Kept : layer.Path, layer.Known);
        }
    }

    /// <summary>Notes where a checkpoint has been published, so that the next one shares its files though they lie on another disk than those here.</summary>
    public void NoteKept(Checkpoint checkpoint)
    {
        foreach (var (disk, layers) in disks.Index())
        {
            for (var index = 0; index < layers.Count - 1; index++)
                layers[index] = layers[index] with { Kept = checkpoint.Find(NameOf(disk, index)), Known = Known(checkpoint, disk, index) };
        }
    }

    /// <summary>Removes all files.</summary>
    public void Clear()
    {
        disks = [];
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    private static string NameOf(int disk, int layer) => string.Create(CultureInfo.InvariantCulture, $"disk{disk}.{layer}.qcow2");

    private static CheckpointFile? Known(Checkpoint checkpoint, int disk, int layer) => checkpoint.Manifest.Files.FirstOrDefault(file => file.Name == NameOf(disk, layer));

    private string PathOf(int disk, int layer) => Path.Combine(folder, NameOf(disk, layer));

    /// <param name="Path">Full path of the file here.</param>
    /// <param name="Kept">Full path of the same file in a checkpoint, or null.</param>
    /// <param name="Known">What that checkpoint knows of it.</param>
    private sealed record Layer(string Path, string? Kept, CheckpointFile? Known);
}
