namespace Packer;

/// <summary>What a builder or a post-processor made: files on this machine, or something remote with an id.</summary>
public interface IArtifact
{
    /// <summary>The family of the maker, constant for ever: <c>author.builder</c>. Post-processors decide by it whether they can work with the artifact.</summary>
    string BuilderId { get; }

    /// <summary>Full paths of the files, in a stable order; empty for a remote artifact.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>A machine-readable id: an image id, a name, <c>File</c>.</summary>
    string Id { get; }

    /// <summary>A text for people; may have several lines.</summary>
    string ToString();

    /// <summary>Named values for post-processors, like <c>generated_data</c>; null for an unknown name.</summary>
    /// <param name="name">The name of the value.</param>
    object? State(string name);

    /// <summary>Deletes what the artifact stands for. Does nothing where it is gone already.</summary>
    /// <param name="token">Stops the deletion.</param>
    Task DestroyAsync(CancellationToken token);
}
