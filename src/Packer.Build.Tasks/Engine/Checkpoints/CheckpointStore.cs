using System.Globalization;
using System.Security.Cryptography;
using Packer.Engine.Planning;

namespace Packer.Engine.Checkpoints;

/// <summary>
/// The checkpoints in the cache: a folder each, complete in itself. Files that several have in common are hard links, so that any of them can go without the
/// others. A checkpoint is made in a folder of its own and published by one move; one lock, held for moments only, guards what is published.
/// </summary>
/// <param name="cacheDirectory">Full path of the cache.</param>
/// <param name="limit">How much room they may take together.</param>
/// <param name="ui">Is told what is deleted.</param>
internal sealed class CheckpointStore(string cacheDirectory, ByteSize limit, IUi ui)
{
    private const string PartialEnding = ".partial";
    private const string LockEnding = ".lock";
    private const string UsedName = "used";
    private const string HashesName = "hashes";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Smaller files are read before each use. Of a larger one it is enough that nobody wrote to it since it was read last.</summary>
    private const long AlwaysRead = 256 << 20;

    /// <summary>Files beside those of the checkpoint itself.</summary>
    private static readonly string[] OwnNames = [CheckpointManifest.FileName, UsedName, HashesName];

    private readonly string root = Path.Combine(cacheDirectory, "checkpoints");
    private readonly string locks = Path.Combine(cacheDirectory, "checkpoints", "locks");

    /// <summary>Whether there is a checkpoint, without a look at what is in it.</summary>
    public bool Contains(string key) => File.Exists(Path.Combine(Folder(key), CheckpointManifest.FileName));

    /// <summary>Finds a checkpoint. A damaged one is deleted, with a warning.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="description">What it holds, for messages.</param>
    /// <param name="token">Stops the search.</param>
    /// <returns>The checkpoint, or null where there is none that can be used.</returns>
    public async Task<Checkpoint?> OpenAsync(string key, string description, CancellationToken token)
    {
        if (!Directory.Exists(Folder(key))) return null;
        FileLock use;
        await using (await LockAsync(token).ConfigureAwait(false))
        {
            if (!Directory.Exists(Folder(key))) return null;
            use = Use(key);
        }
        try
        {
            var (manifest, fault) = await Task.Run(() => Verify(Folder(key)), token).ConfigureAwait(false);
            var checkpoint = new Checkpoint(key, description, Folder(key), manifest ?? new CheckpointManifest(default, []), use);
            if (fault is not null)
            {
                await DiscardAsync(checkpoint, fault, token).ConfigureAwait(false);
                return null;
            }
            Touch(checkpoint.Folder);
            return checkpoint;
        }
        catch
        {
            await use.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Deletes a checkpoint that cannot be used, with a warning, unless another build uses it.</summary>
    /// <param name="checkpoint">The checkpoint; it is disposed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="token">Stops the waiting for the lock.</param>
    public async Task DiscardAsync(Checkpoint checkpoint, string reason, CancellationToken token)
    {
        ui.Warn(DiagnosticCodes.CheckpointNotUsable, $"The checkpoint {checkpoint.Description} cannot be used and is deleted: {reason.TrimEnd('.')}. The build begins earlier.");
        await checkpoint.DisposeAsync().ConfigureAwait(false);
        await using (await LockAsync(token).ConfigureAwait(false))
        {
            if (!IsInUse(checkpoint.Key)) Remove(checkpoint.Folder);
        }
    }

    /// <summary>Begins a checkpoint.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="token">Stops the waiting for the lock.</param>
    public async Task<CheckpointDraft> BeginAsync(string key, CancellationToken token)
    {
        var name = $"{key}.{Guid.NewGuid():N}{PartialEnding}";
        await using (await LockAsync(token).ConfigureAwait(false))
        {
            RemoveUnfinished();
            var held = FileLock.TryAcquire(Path.Combine(locks, name + LockEnding))!;
            return new CheckpointDraft(key, MakeFolder(Path.Combine(root, name)), held);
        }
    }

    /// <summary>Publishes a checkpoint, and deletes those used least recently as long as all together take too much room.</summary>
    /// <param name="draft">The checkpoint; it is still to be disposed.</param>
    /// <param name="replace">Whether it takes the place of one that is there. Otherwise that one stays.</param>
    /// <param name="token">Stops the work.</param>
    /// <returns>What became of it.</returns>
    public async Task<PublishedCheckpoint> PublishAsync(CheckpointDraft draft, bool replace, CancellationToken token)
    {
        // A crash before the system has written the large files leaves ones that do not have their hashes. To wait for the disk here would hold up every build.
        var files = await Task.Run(() => Describe(draft), token).ConfigureAwait(false);
        var manifest = new CheckpointManifest(DateTimeOffset.UtcNow, files);
        await manifest.WriteAsync(draft.Folder, token).ConfigureAwait(false);
        Touch(draft.Folder);
        await using (await LockAsync(token).ConfigureAwait(false))
        {
            var place = Folder(draft.Key);
            if (Directory.Exists(place))
            {
                if (!replace || IsInUse(draft.Key)) return new PublishedCheckpoint(Fits: true, Own: null);
                Remove(place);
            }
            Directory.Move(draft.Folder, place);
            if (!OperatingSystem.IsWindows()) Unix.FlushDirectory(root);
            Evict(draft.Key);
            return Contains(draft.Key) ? new PublishedCheckpoint(Fits: true, new Checkpoint(draft.Key, "", place, manifest, Use(draft.Key))) : new PublishedCheckpoint(Fits: false, Own: null);
        }
    }

    // ---- What is published ----

    private string Folder(string key) => Path.Combine(root, key);

    private static string UsePrefix(string key) => $"use-{key}-";

    /// <summary>Says to others that a checkpoint is in use. The caller holds the lock of the store.</summary>
    private FileLock Use(string key) => FileLock.TryAcquire(Path.Combine(locks, UsePrefix(key) + Guid.NewGuid().ToString("N") + LockEnding))!;

    private async Task<FileLock> LockAsync(CancellationToken token)
    {
        MakeFolder(root);
        return await FileLock.AcquireAsync(Path.Combine(locks, "store" + LockEnding), token).ConfigureAwait(false);
    }

    /// <summary>The memory of a machine holds the secrets that were typed into it.</summary>
    private static string MakeFolder(string path) =>
        (OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, OwnerOnly)).FullName;

    private static void Touch(string folder)
    {
        try
        {
            File.WriteAllBytes(Path.Combine(folder, UsedName), []);
            File.SetLastWriteTimeUtc(Path.Combine(folder, UsedName), DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only goes earlier than it should.
        }
    }

    private static (CheckpointManifest? Manifest, string? Fault) Verify(string folder)
    {
        if (CheckpointManifest.TryRead(folder) is not { } manifest) return (null, "its manifest is missing or damaged");
        try
        {
            var hashes = new FileHashes(Path.Combine(folder, HashesName));
            foreach (var file in manifest.Files)
            {
                var path = Path.Combine(folder, file.Name);
                if (!File.Exists(path)) return (manifest, $"its file '{file.Name}' is missing");
                var length = new FileInfo(path).Length;
                if (length != file.Size) return (manifest, string.Create(CultureInfo.InvariantCulture, $"its file '{file.Name}' has {length} bytes, not {file.Size}"));
                if ((file.Size < AlwaysRead ? Hash(path) : hashes.OfFile(path)) != file.Sha256) return (manifest, $"its file '{file.Name}' is damaged");
            }
            hashes.Save();
            return (manifest, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (manifest, $"it cannot be read ({exception.Message.TrimEnd('.')})");
        }
    }

    private static List<CheckpointFile> Describe(CheckpointDraft draft) =>
        [.. Directory.EnumerateFiles(draft.Folder).Select(path => Path.GetFileName(path)).Where(name => !OwnNames.Contains(name)).Order(StringComparer.Ordinal).Select(name =>
            draft.Known.FirstOrDefault(known => known.Name == name) ?? new CheckpointFile(name, Guid.NewGuid().ToString("N"), new FileInfo(draft.PathOf(name)).Length, Hash(draft.PathOf(name))))];

    private static string Hash(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // ---- What goes ----

    /// <summary>Whether a build uses a checkpoint. The caller holds the lock of the store, without which nobody begins to.</summary>
    private bool IsInUse(string key)
    {
        foreach (var path in Directory.EnumerateFiles(locks, UsePrefix(key) + "*" + LockEnding).ToList())
        {
            // What a killed process has left is nobody's.
            using var taken = FileLock.TryAcquire(path);
            if (taken is null) return true;
        }
        return false;
    }

    /// <summary>Removes what was being made or deleted by processes that are gone.</summary>
    private void RemoveUnfinished()
    {
        foreach (var folder in Directory.EnumerateDirectories(root, "*" + PartialEnding).ToList())
        {
            using var taken = FileLock.TryAcquire(Path.Combine(locks, Path.GetFileName(folder) + LockEnding));
            if (taken is not null) Delete(folder);
        }
    }

    private void Evict(string newest)
    {
        var all = new List<(string Key, DateTime Used, IReadOnlyList<CheckpointFile> Files)>();
        foreach (var folder in Directory.EnumerateDirectories(root).Where(folder => folder != locks && !folder.EndsWith(PartialEnding, StringComparison.Ordinal)).ToList())
        {
            var key = Path.GetFileName(folder);
            if (CheckpointManifest.TryRead(folder) is { } manifest) all.Add((key, File.GetLastWriteTimeUtc(Path.Combine(folder, UsedName)), manifest.Files));
            else if (!IsInUse(key)) Remove(folder);
        }
        foreach (var oldest in all.OrderBy(checkpoint => checkpoint.Key == newest).ThenBy(checkpoint => checkpoint.Used).ToList())
        {
            if (all.SelectMany(checkpoint => checkpoint.Files).DistinctBy(file => file.Id).Sum(file => file.Size) <= limit.Bytes) return;
            if (IsInUse(oldest.Key)) continue;
            ui.Message(string.Create(CultureInfo.InvariantCulture, $"Deleting the checkpoint '{oldest.Key}', last used {oldest.Used:u}: all together take more than PackerCheckpointLimit."));
            Remove(Folder(oldest.Key));
            all.Remove(oldest);
        }
    }

    /// <summary>Takes a checkpoint away in one move, and then deletes it: half of one is never found.</summary>
    private static void Remove(string folder)
    {
        var trash = $"{folder}.{Guid.NewGuid():N}{PartialEnding}";
        Directory.Move(folder, trash);
        Delete(trash);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever takes the next checkpoint tries again.
        }
    }
}
