using Packer.Engine.Provenance;

namespace Packer;

/// <summary>
/// Takes what a builder alone knows of an image's provenance: what it has fetched, and the tools that it runs. The engine itself knows the settings and the local
/// files that they name. May be called from any thread.
/// </summary>
public sealed class BuildMaterials
{
    private readonly Lock gate = new();
    private readonly List<ResolvedDependency> dependencies = [];
    private readonly HashSet<string> localFiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> tools = new(StringComparer.Ordinal);

    /// <summary>Notes something that goes into the image.</summary>
    /// <param name="dependency">What it is. The same build with the same inputs must say the same.</param>
    public void Use(ResolvedDependency dependency)
    {
        ArgumentNullException.ThrowIfNull(dependency);
        lock (gate) dependencies.Add(dependency);
    }

    /// <summary>Notes a tool that does a part of the work.</summary>
    /// <param name="name">Its name, as in <c>qemu-system-x86_64</c>.</param>
    /// <param name="version">Its version, as it says it.</param>
    public void UseTool(string name, string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(version);
        lock (gate) tools[name] = version;
    }

    /// <summary>Notes that a setting is the path of a local file: outside of the project it is called by its name alone.</summary>
    /// <param name="written">The path or <c>file:</c> address as the user wrote it.</param>
    internal void UseLocalFile(string written)
    {
        lock (gate) localFiles.Add(written);
    }

    /// <summary>What <see cref="UseLocalFile"/> noted.</summary>
    internal IReadOnlyList<string> LocalFiles
    {
        get { lock (gate) return [.. localFiles]; }
    }

    /// <summary>All that was noted so far, in an order of its own.</summary>
    internal (IReadOnlyList<ResolvedDependency> Dependencies, IReadOnlyDictionary<string, string> Tools) Take()
    {
        lock (gate) return (DependencyList.Sort(dependencies), new Dictionary<string, string>(tools, StringComparer.Ordinal));
    }
}
