using System.Text;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// The database of debconf (debconf(7), debconf-devel(7); the format is that of debconf's driver "822"): the questions of the packages, in English, with the answers that
/// the image stands for. Without them a script that asks later would find no answer where there is one: pam-auth-update(8) would then switch off every profile.
/// </summary>
internal static class DebconfDatabase
{
    private const string Folder = "/var/cache/debconf/";
    private const string TemplatesFile = "templates";
    private const string Template = "Template";

    /// <summary>Writes the questions of all packages that are configured.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="packages">The packages.</param>
    /// <param name="unconfigured">Names of those that are not configured: they bring their questions when they are.</param>
    /// <param name="answers">Answers by the names of the questions.</param>
    public static void AddTo(MachineState machine, IEnumerable<ImagePackage> packages, IReadOnlySet<string> unconfigured, IReadOnlyDictionary<string, string> answers)
    {
        var questions = new SortedDictionary<string, (IReadOnlyDictionary<string, string> Fields, SortedSet<string> Owners)>(StringComparer.Ordinal);
        foreach (var package in packages.Where(package => !unconfigured.Contains(package.Name)).OrderBy(package => package.Name, StringComparer.Ordinal))
        {
            if (!package.ControlFiles.TryGetValue(TemplatesFile, out var text)) continue;
            foreach (var fields in Parse(Encoding.UTF8.GetString(text)))
            {
                if (!fields.TryGetValue(Template, out var name)) continue;
                if (!questions.ContainsKey(name)) questions.Add(name, (fields, new SortedSet<string>(StringComparer.Ordinal)));
                questions[name].Owners.Add(package.Name);
            }
        }
        machine.Tree.AddFile(Folder + "templates.dat", string.Concat(questions.Select(question =>
            $"Name: {question.Key}\n{string.Concat(question.Value.Fields.Where(field => field.Key != Template).Select(field => $"{field.Key}: {field.Value.Replace("\n", "\\n", StringComparison.Ordinal)}\n"))}Owners: {question.Key}\n\n")), machine.Metadata(644));
        machine.Tree.AddFile(Folder + "config.dat", string.Concat(questions.Select(question =>
            $"Name: {question.Key}\nTemplate: {question.Key}\n{(answers.TryGetValue(question.Key, out var answer) ? $"Value: {answer}\n" : "")}Owners: {string.Join(", ", question.Value.Owners)}\n{(answers.ContainsKey(question.Key) ? "Flags: seen\n" : "")}\n")), machine.Metadata(644));
        machine.Tree.AddFile(Folder + "passwords.dat", "", machine.Metadata(600));
    }

    // Paragraphs as in control files; the first line of a field is its value, the others are what extends it: lines are joined, "." is an empty one.
    private static IEnumerable<IReadOnlyDictionary<string, string>> Parse(string text)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? extended = null;
        foreach (var line in text.Split('\n').Append("").Select(line => line.TrimEnd(' ', '\t', '\r')))
        {
            if (line.Length == 0)
            {
                if (fields.Count > 0) yield return fields;
                fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
                extended = null;
            }
            else if (line[0] is ' ' or '\t')
            {
                if (extended is null) continue;
                var known = fields.GetValueOrDefault(extended, "");
                fields[extended] = line[1..] is "." ? known + "\n\n" : known + (known.Length == 0 || known[^1] == '\n' ? "" : line[1] is ' ' or '\t' ? "\n" : " ") + line[1..];
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                // A translation has its language after a hyphen; "C" is none.
                var key = line[..colon];
                var hyphen = key.IndexOf('-', StringComparison.Ordinal);
                extended = null;
                if (hyphen >= 0 && key[hyphen..] != "-C") continue;
                key = char.ToUpperInvariant(key[0]) + key[1..].ToLowerInvariant();
                fields[key] = line[(colon + 1)..].Trim();
                extended = "Extended_" + key.ToLowerInvariant();
            }
        }
    }
}
