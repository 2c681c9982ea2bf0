namespace Packer.Engine.Planning;

/// <summary>Orders images so that each comes after those it depends on.</summary>
internal static class DependencyOrder
{
    /// <summary>Returns the names in order; otherwise in the order given. A cycle is returned as its chain of names instead.</summary>
    public static (IReadOnlyList<string> Order, IReadOnlyList<string>? Cycle) Sort(IReadOnlyList<string> names, IReadOnlyDictionary<string, IReadOnlyList<string>> dependencies)
    {
        var order = new List<string>();
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var path = new List<string>();
        IReadOnlyList<string>? cycle = null;
        foreach (var name in names) Visit(name);
        return (order, cycle);

        void Visit(string name)
        {
            if (cycle is not null || done.Contains(name)) return;
            var start = path.FindIndex(visited => string.Equals(visited, name, StringComparison.OrdinalIgnoreCase));
            if (start >= 0)
            {
                cycle = [.. path[start..], name];
                return;
            }
            path.Add(name);
            foreach (var dependency in dependencies.GetValueOrDefault(name) ?? []) Visit(dependency);
            path.RemoveAt(path.Count - 1);
            if (done.Add(name)) order.Add(name);
        }
    }
}
