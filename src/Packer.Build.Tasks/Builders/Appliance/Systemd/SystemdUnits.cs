using System.IO.Enumeration;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// The units of systemd: enables them by the links that <c>systemctl enable</c> makes of the section <c>[Install]</c> (systemd.unit(5)), as far as the presets allow
/// (systemd.preset(5)), and keeps the state by which Debian's packages know what they have enabled (deb-systemd-helper(1p)).
/// </summary>
/// <param name="tree">Has the files of the packages.</param>
/// <param name="timestamp">The time of all links.</param>
internal sealed class SystemdUnits(FileTree tree, long timestamp)
{
    private const string Vendor = "/usr/lib/systemd/system/";
    private const string UserVendor = "/usr/lib/systemd/user/";
    private const string Local = "/etc/systemd/system/";
    private const string UserLocal = "/etc/systemd/user/";
    private const string Presets = "/usr/lib/systemd/system-preset";
    private const string HelperState = "/var/lib/systemd/deb-systemd-helper-enabled/";
    private const string UserHelperState = "/var/lib/systemd/deb-systemd-user-helper-enabled/";

    private static readonly (string Key, string Folder)[] Dependencies = [("WantedBy", ".wants/"), ("RequiredBy", ".requires/"), ("UpheldBy", ".upholds/")];

    private readonly HashSet<(string Unit, bool ForUsers)> enabled = [];

    /// <summary>Whether there is something of this name: a unit, or a link, to another one or to nowhere where there is nothing to start.</summary>
    public bool Exists(string unit) => tree.Find(Vendor + unit) is not null;

    /// <summary>Enables a unit that the presets do not disable, with those that it names in <c>Also</c>; one that is not there is passed over.</summary>
    /// <param name="unit">Its name; an instance of a template too.</param>
    /// <param name="forUsers">Whether it is one that runs for each user.</param>
    public void Enable(string unit, bool forUsers = false)
    {
        if ((!forUsers && IsDisabledByPreset(unit)) || !enabled.Add((unit, forUsers))) return;
        var (vendor, local) = forUsers ? (UserVendor, UserLocal) : (Vendor, Local);
        if (FindFile(vendor, unit) is not { } file) return;
        var install = Install(tree.Get(vendor + file));
        var name = unit == file && TemplatePrefix(unit) is { } prefix && install["DefaultInstance"].FirstOrDefault() is { } instance ? prefix + instance + unit[(unit.IndexOf('@', StringComparison.Ordinal) + 1)..] : unit;
        List<string> links = [.. install["Alias"].Select(alias => local + alias)];
        foreach (var (key, folder) in Dependencies) links.AddRange(install[key].Select(target => local + target + folder + name));
        foreach (var link in links) tree.AddSymbolicLink(link, vendor + file, timestamp);
        Remember(forUsers ? UserHelperState : HelperState, local, unit, links);
        foreach (var also in install["Also"]) Enable(also, forUsers);
    }

    /// <summary>
    /// Keeps systemd from enabling on the first start what no package enables here: then it follows the presets, which enable what they do not know
    /// (systemd.preset(5)). The files name exactly these units, so that packages that are installed later are not meant.
    /// </summary>
    /// <param name="unpacked">Names of files of packages that are configured on the first start, which enables their units: they have a file of their own, which is removed before.</param>
    public void AddPresets(IReadOnlySet<string> unpacked)
    {
        if (tree.Find(Vendor.TrimEnd('/')) is not { } folder) return;
        var known = enabled.Where(entry => !entry.ForUsers).Select(entry => FindFile(Vendor, entry.Unit)).ToHashSet(StringComparer.Ordinal);
        var others = folder.Children.Where(entry => entry.Value.Type == NodeType.File && entry.Key.Contains('.', StringComparison.Ordinal) && !known.Contains(entry.Key) && Install(entry.Value).Count > 0)
            .Select(entry => entry.Key).ToLookup(unpacked.Contains);
        Write("00-image.preset", "What is not enabled in the image stays so on its first start.", others[false]);
        if (others[true].Any()) Write("00-unpacked.preset", "What is enabled when its package is configured.", others[true]);

        void Write(string name, string why, IEnumerable<string> units) =>
            tree.AddFile($"{Presets}/{name}", $"# {why}\n{string.Concat(units.Select(unit => $"disable {unit}\n"))}", new NodeMetadata(Permissions.Octal(644), timestamp));
    }

    private static string? TemplatePrefix(string unit) => unit.IndexOf("@.", StringComparison.Ordinal) is >= 0 and var at ? unit[..(at + 1)] : null;

    private string? FindFile(string vendor, string unit)
    {
        if (tree.Find(vendor + unit) is { Type: NodeType.File }) return unit;
        var (at, end) = (unit.IndexOf('@', StringComparison.Ordinal), unit.LastIndexOf('.'));
        if (at < 0 || end < at) return null;
        var template = unit[..(at + 1)] + unit[end..];
        return tree.Find(vendor + template) is { Type: NodeType.File } ? template : null;
    }

    private bool IsDisabledByPreset(string unit)
    {
        if (tree.Find(Presets) is not { } folder) return false;
        var template = FindFile(Vendor, unit);
        foreach (var (_, file) in folder.Children.Where(entry => entry.Key.EndsWith(".preset", StringComparison.Ordinal) && entry.Value.Type == NodeType.File))
            foreach (var line in Lines(file))
                if (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var verb, var pattern, ..] && (FileSystemName.MatchesSimpleExpression(pattern, unit, ignoreCase: false) || pattern == template))
                    return verb == "disable";
        return false;
    }

    // The files by which was-enabled and update-state of the helper know what there is to enable, and what an administrator has disabled.
    private void Remember(string state, string local, string unit, IReadOnlyList<string> links)
    {
        var metadata = new NodeMetadata(Permissions.Octal(644), timestamp);
        foreach (var link in links) tree.AddFile(state + link[local.Length..], "", metadata);
        if (links.Count > 0) tree.AddFile($"{state}{unit}.dsh-also", string.Concat(links.Select(link => link + "\n")), metadata);
    }

    private static ILookup<string, string> Install(Node unit) => Lines(unit).SkipWhile(line => line != "[Install]").Skip(1).TakeWhile(line => line[0] != '[')
        .Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)
        .SelectMany(parts => parts[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(value => (Key: parts[0].Trim(), Value: value)))
        .ToLookup(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);

    private static IEnumerable<string> Lines(Node file) =>
        Encoding.UTF8.GetString(file.Data.ReadAll()).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or ';'));
}
