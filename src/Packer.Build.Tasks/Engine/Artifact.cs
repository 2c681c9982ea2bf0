namespace Packer;

/// <summary>An artifact of local files; builders with nothing special to delete or to say return this one.</summary>
public class Artifact : IArtifact
{
    private readonly IReadOnlyDictionary<string, object?> state;
    private readonly string? text;

    /// <summary>Makes an artifact.</summary>
    /// <param name="builderId">See <see cref="IArtifact.BuilderId"/>.</param>
    /// <param name="id">See <see cref="IArtifact.Id"/>.</param>
    /// <param name="files">Full paths; a folder stands for all files below it.</param>
    /// <param name="text">The text for people; by default the id and the files.</param>
    /// <param name="state">Named values for post-processors.</param>
    public Artifact(string builderId, string id, IReadOnlyList<string> files, string? text = null, IReadOnlyDictionary<string, object?>? state = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(builderId);
        BuilderId = builderId;
        Id = id;
        Files = files;
        this.text = text;
        this.state = state ?? new Dictionary<string, object?>();
    }

    /// <inheritdoc />
    public string BuilderId { get; }

    /// <inheritdoc />
    public string Id { get; }

    /// <inheritdoc />
    public IReadOnlyList<string> Files { get; }

    /// <inheritdoc />
    public object? State(string name) => state.GetValueOrDefault(name);

    /// <inheritdoc />
    public virtual Task DestroyAsync(CancellationToken token)
    {
        foreach (var path in Files)
        {
            token.ThrowIfCancellationRequested();
            // A link to a folder is deleted as the link that it is.
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            // Unlike a file, a folder above it that is gone would be an error.
            else if (Directory.Exists(Path.GetDirectoryName(path))) File.Delete(path);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc cref="IArtifact.ToString" />
    public override string ToString() => text ?? (Files.Count == 0 ? Id : string.Join(Environment.NewLine, Files));
}
