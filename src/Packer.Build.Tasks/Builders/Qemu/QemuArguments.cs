namespace Packer.Builders.Qemu;

/// <summary>
/// The arguments of QEMU in order. Those of the user are merged into those of the builder switch by switch and id by id, so that one more device
/// never drops the disks.
/// </summary>
internal sealed class QemuArguments
{
    /// <summary>Switches that may stand several times. Of all others the last one counts.</summary>
    private static readonly HashSet<string> Repeatable = new(StringComparer.Ordinal)
    {
        "-drive", "-device", "-netdev", "-chardev", "-object", "-blockdev", "-fsdev", "-virtfs", "-tpmdev", "-audiodev", "-global", "-smbios",
        "-fw_cfg", "-set", "-add-fd", "-serial", "-parallel", "-monitor", "-qmp", "-nic", "-net", "-usbdevice", "-spice", "-mon", "-acpitable",
        "-numa", "-readconfig", "-trace", "-D", "-d", "-plugin", "-cxl-fixed-memory-window", "-compat", "-dump-vmstate", "-incoming", "-option-rom",
    };

    /// <summary>What tells one value of a switch from another, the most certain first.</summary>
    private static readonly string[] Identities = ["id", "netdev", "drive", "file", "unit"];

    private readonly List<(string Switch, string? Value)> arguments = [];

    /// <summary>Whether a switch is there.</summary>
    public bool Contains(string name) => arguments.Exists(argument => argument.Switch == name);

    /// <summary>Appends a switch.</summary>
    /// <param name="name">The switch with its hyphen.</param>
    /// <param name="value">Its value, or null where it has none.</param>
    public void Add(string name, string? value = null) => arguments.Add((name, value));

    /// <summary>Merges what the user gives: in place of the value with the same identity, in place of a switch that stands only once, else at the end.</summary>
    /// <param name="given">Each a switch and the parts of its value, which are joined.</param>
    public void Merge(IReadOnlyList<IReadOnlyList<string>> given)
    {
        // Two values of the user's own under one switch are both wanted: they replace only what was there before.
        var own = arguments.Count;
        var replaced = new HashSet<int>();
        foreach (var entry in given)
        {
            var name = entry[0];
            var value = entry.Count > 1 ? string.Concat(entry.Skip(1)) : "";
            var argument = (name, value.Length == 0 ? null : value);
            var index = arguments.FindIndex(0, own, candidate => candidate.Switch == name && Replaces(name, value, candidate.Value ?? ""));
            if (index >= 0 && replaced.Add(index)) arguments[index] = argument;
            else arguments.Add(argument);
        }
    }

    /// <summary>The arguments as the program gets them.</summary>
    public IReadOnlyList<string> ToList() => [.. arguments.SelectMany(argument => argument.Value is null ? new[] { argument.Switch } : [argument.Switch, argument.Value])];

    private static bool Replaces(string name, string value, string other)
    {
        if (!Repeatable.Contains(name)) return true;
        // The console that the builder reads is of no use once the user wants the port for something else.
        if (name == "-serial") return true;
        foreach (var identity in Identities)
        {
            if (Find(value, identity) is { } mine && Find(other, identity) is { } theirs && mine == theirs) return true;
        }
        return false;
    }

    /// <summary>The value of an option in QEMU's <c>key=value,key=value</c> form, in which a comma of a value stands doubled.</summary>
    private static string? Find(string value, string option)
    {
        var start = 0;
        while (start < value.Length)
        {
            var end = start;
            while (end < value.Length && (value[end] != ',' || (end + 1 < value.Length && value[end + 1] == ','))) end += value[end] == ',' ? 2 : 1;
            end = Math.Min(end, value.Length);
            var part = value[start..end];
            if (part.StartsWith(option + "=", StringComparison.Ordinal)) return part[(option.Length + 1)..];
            start = end + 1;
        }
        return null;
    }
}
