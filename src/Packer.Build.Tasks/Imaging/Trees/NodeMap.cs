using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Packer.Imaging;

/// <summary>What a folder contains, by name, listed in ordinal order. Reading is safe for several threads while nothing changes.</summary>
internal sealed class NodeMap : IReadOnlyDictionary<string, Node>
{
    // A sorted dictionary of the runtime takes four times as long to fill, and is compiled anew in every build.
    private readonly Dictionary<string, Node> nodes = [];
    private string[]? names;

    public int Count => nodes.Count;

    public IEnumerable<string> Keys => Names;

    public IEnumerable<Node> Values => Names.Select(name => nodes[name]);

    private string[] Names
    {
        get
        {
            if (names is { } known) return known;
            var sorted = nodes.Keys.ToArray();
            Array.Sort(sorted, StringComparer.Ordinal);
            return names = sorted;
        }
    }

    public Node this[string name]
    {
        get => nodes[name];
        set
        {
            if (nodes.TryAdd(name, value)) names = null;
            else nodes[name] = value;
        }
    }

    public bool ContainsKey(string key) => nodes.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Node value) => nodes.TryGetValue(key, out value);

    public bool Remove(string name)
    {
        if (!nodes.Remove(name)) return false;
        names = null;
        return true;
    }

    public IEnumerator<KeyValuePair<string, Node>> GetEnumerator()
    {
        foreach (var name in Names) yield return new KeyValuePair<string, Node>(name, nodes[name]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
