namespace Packer.Engine.Checkpoints;

/// <summary>A checkpoint that is being made, in a folder that nobody looks into. Disposing it removes what was not published.</summary>
internal sealed class CheckpointDraft : IAsyncDisposable
{
    private readonly FileLock held;
    private readonly List<CheckpointFile> known = [];

    /// <param name="key">Its key.</param>
    /// <param name="folder">Full path of its folder.</param>
    /// <param name="held">Says to others that it is being made.</param>
    public CheckpointDraft(string key, string folder, FileLock held)
    {
        Key = key;
        Folder = folder;
        this.held = held;
    }

    /// <summary>Its key.</summary>
    public string Key { get; }

    /// <summary>Full path of its folder; what is in it when it is published are its files.</summary>
    public string Folder { get; }

    /// <summary>The files that need not be looked at again.</summary>
    public IReadOnlyList<CheckpointFile> Known => known;

    /// <summary>Full path of a file of it.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Takes a file that nobody writes to any more.</summary>
    /// <param name="name">Its name in the checkpoint.</param>
    /// <param name="source">Full path.</param>
    /// <param name="origin">What another checkpoint knows of it, where it is from one.</param>
    public void Add(string name, string source, CheckpointFile? origin)
    {
        var linked = FileLinks.LinkOrCopy(source, PathOf(name));
        if (origin is not null) known.Add(origin with { Name = name, Id = linked ? origin.Id : Guid.NewGuid().ToString("N") });
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            await TemporaryDirectory.DeleteAsync(Folder).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever takes the next checkpoint tries again.
        }
        await held.DisposeAsync().ConfigureAwait(false);
    }
}
