using System.Text;
using System.Text.RegularExpressions;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// The files <c>/etc/pam.d/common-*</c>, made of the profiles of packages as pam-auth-update(8) makes them, and its state, so that it goes on from there when a package
/// with another profile is installed on the machine.
/// </summary>
internal static partial class PamConfiguration
{
    private const string Profiles = "/usr/share/pam-configs";
    private const string Templates = "/usr/share/pam/common-";
    private const string State = "/var/lib/pam/";
    private const string Primary = "Primary";
    private const string Additional = "Additional";
    private const string PrimaryStart = "# here are the per-package modules (the \"Primary\" block)";
    private const string PrimaryEnd = "# here's the fallback if no module succeeds";
    private const string AdditionalStart = "# and here are more per-package modules (the \"Additional\" block)";
    private const string AdditionalEnd = "# end of pam-auth-update config";
    private const string NonInteractive = "-noninteractive";

    private static readonly string[] Kinds = ["auth", "account", "password", "session", "session" + NonInteractive];

    /// <summary>The question of debconf whose answer the enabled profiles are.</summary>
    public const string Question = "libpam-runtime/profiles";

    /// <summary>Writes the files for the profiles that are there and on by default.</summary>
    /// <returns>The names of these profiles, as the answer to <see cref="Question"/> has them.</returns>
    public static string AddTo(MachineState machine)
    {
        if (machine.Tree.Find(Profiles) is not { Type: NodeType.Directory } folder) return "";
        var all = folder.Children.Where(entry => entry.Value.Type == NodeType.File).Select(entry => (Name: entry.Key, Fields: Parse(Encoding.UTF8.GetString(entry.Value.Data.ReadAll())))).ToList();
        var enabled = all.Where(profile => profile.Fields.GetValueOrDefault("Default") == "yes").OrderByDescending(profile => Priority(profile.Fields)).ThenByDescending(profile => profile.Name, StringComparer.Ordinal).ToList();
        foreach (var kind in Kinds)
        {
            if (machine.ReadText(Templates + kind) is not { } template) continue;
            var primary = Modules(enabled, kind, Primary);
            var additional = Modules(enabled, kind, Additional);
            machine.Tree.AddFile("/etc/pam.d/common-" + kind, Fill(template, kind, primary, additional), machine.Metadata(644));
            var state = primary.Count > 0 ? primary : [("null", [PermitLine])];
            machine.Tree.AddFile(State + kind, string.Concat(state.Concat(additional).Select(module => $"Module: {module.Name}\n{string.Concat(module.Lines.Select(line => line + "\n"))}")), machine.Metadata(644));
        }
        machine.Tree.AddFile(State + "seen", string.Concat(all.Select(profile => profile.Name + "\n")), machine.Metadata(644));
        return string.Join(", ", enabled.Select(profile => profile.Name));
    }

    private const string PermitLine = "[default=1]\t\t\tpam_permit.so";

    private static string Fill(string template, string kind, IReadOnlyList<(string Name, IReadOnlyList<string> Lines)> primary, IReadOnlyList<(string Name, IReadOnlyList<string> Lines)> additional)
    {
        var type = kind.EndsWith(NonInteractive, StringComparison.Ordinal) ? kind[..^NonInteractive.Length] : kind;
        var text = new StringBuilder();
        var isReplaced = false;
        foreach (var line in template.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith(PrimaryEnd, StringComparison.Ordinal) || line.StartsWith(AdditionalEnd, StringComparison.Ordinal)) isReplaced = false;
            if (!isReplaced) text.Append(line).Append('\n');
            if (line.StartsWith(PrimaryStart, StringComparison.Ordinal)) Block(primary, isPrimary: true);
            else if (line.StartsWith(AdditionalStart, StringComparison.Ordinal)) Block(additional, isPrimary: false);
        }
        return text.ToString();

        void Block(IReadOnlyList<(string Name, IReadOnlyList<string> Lines)> modules, bool isPrimary)
        {
            isReplaced = true;
            var lines = modules.SelectMany(module => module.Lines).ToList();
            if (lines.Count == 0 && isPrimary) text.Append(type).Append('\t').Append(PermitLine).Append('\n');
            // "end" jumps over what follows in the block, and the fallback after the first one.
            var left = isPrimary ? lines.Count : lines.Count - 1;
            foreach (var line in lines) text.Append(type).Append('\t').Append(Jump(line, left--)).Append('\n');
        }
    }

    private static string Jump(string line, int count)
    {
        var match = ModuleLine().Match(line);
        var head = match.Groups[1].Value.Replace("end", count.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return head + " " + string.Join(' ', match.Groups[2].Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    private static List<(string Name, IReadOnlyList<string> Lines)> Modules(IEnumerable<(string Name, Dictionary<string, string> Fields)> enabled, string kind, string block)
    {
        var isInteractive = !kind.EndsWith(NonInteractive, StringComparison.Ordinal);
        var type = char.ToUpperInvariant(kind[0]) + (isInteractive ? kind[1..] : kind[1..^NonInteractive.Length]);
        var modules = new List<(string, IReadOnlyList<string>)>();
        foreach (var (name, fields) in enabled)
        {
            if (fields.GetValueOrDefault(type + "-Type") != block || (!isInteractive && fields.GetValueOrDefault("Session-Interactive-Only") == "yes")) continue;
            // The first module of a block asks for the password itself.
            var text = (modules.Count == 0 ? fields.GetValueOrDefault(type + "-Initial") : null) ?? fields.GetValueOrDefault(type);
            if (text is not null) modules.Add((name, text.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
        return modules;
    }

    private static int Priority(Dictionary<string, string> fields) => int.TryParse(fields.GetValueOrDefault("Priority"), System.Globalization.CultureInfo.InvariantCulture, out var priority) ? priority : 0;

    // "Name: value", or "Name:" and the lines of the value after it, each with a blank before it.
    private static Dictionary<string, string> Parse(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        string? field = null;
        foreach (var line in text.Split('\n').Where(line => line.Trim().Length > 0))
        {
            if (line[0] is ' ' or '\t')
            {
                if (field is not null) fields[field] += (fields[field].Length == 0 ? "" : "\n") + line.Trim();
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                field = line[..colon];
                fields[field] = line[(colon + 1)..].Trim();
            }
        }
        return fields;
    }

    // The control and the name of the module; its options.
    [GeneratedRegex(@"^((?:\[[^]]+\]|\w+)\s+\S+)\s*(.*)$")]
    private static partial Regex ModuleLine();
}
