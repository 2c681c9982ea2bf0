namespace Packer.Engine.Checkpoints;

/// <summary>A checkpoint that was found whole. As long as it is not disposed nobody deletes it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Description">What it holds, for messages.</param>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Manifest">Its files.</param>
/// <param name="Use">Says to others that it is in use.</param>
internal sealed record Checkpoint(string Key, string Description, string Folder, CheckpointManifest Manifest, FileLock Use) : IAsyncDisposable
{
    /// <summary>Full path of a file of it, or null where it has none of that name.</summary>
    public string? Find(string name) => Manifest.Files.Any(file => file.Name == name) ? Path.Combine(Folder, name) : null;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Use.DisposeAsync();
}
