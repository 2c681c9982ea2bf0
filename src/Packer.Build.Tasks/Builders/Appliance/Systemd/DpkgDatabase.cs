using System.Security.Cryptography;
using System.Text;
using Packer.Debian;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// The database of dpkg (dpkg(1), "FILES"; the formats are those of dpkg 1.22): what is installed, of which files it consists, with which scripts it is upgraded and
/// removed. With it dpkg and apt on the machine take the packages for installed by themselves.
/// </summary>
internal static class DpkgDatabase
{
    private const string Folder = "/var/lib/dpkg";

    private static readonly string[] Scripts = ["config", "postinst", "postrm", "preinst", "prerm"];

    /// <summary>Writes what the packages say.</summary>
    /// <param name="machine">The machine; its configuration files are those of the packages still.</param>
    /// <param name="packages">The packages of the root file system.</param>
    /// <param name="unconfigured">Names of those that are only unpacked.</param>
    public static void AddPackages(MachineState machine, IEnumerable<ImagePackage> packages, IReadOnlySet<string> unconfigured)
    {
        var tree = machine.Tree;
        var status = new StringBuilder();
        var triggers = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var fileTriggers = new List<string>();
        foreach (var folder in (string[])["alternatives", "info", "parts", "triggers", "updates"]) tree.AddDirectory($"{Folder}/{folder}", machine.Metadata(755));
        Write("info/format", "1\n");
        foreach (var package in packages.OrderBy(package => package.Name, StringComparer.Ordinal))
        {
            var fields = ControlParagraph.ParseSingle(package.Control, package.Name);
            // Of these several architectures can be installed side by side, so their files are told apart by it.
            var name = fields["Multi-Arch"] == "same" ? $"{package.Name}:{fields["Architecture"]}" : package.Name;
            status.Append(Stanza(tree, package, unconfigured.Contains(package.Name) ? "unpacked" : "installed")).Append('\n');
            Write($"info/{name}.list", string.Concat(Files(package).Select(path => (path == "/" ? "/." : path) + "\n")));
            foreach (var (file, content) in package.ControlFiles.Where(entry => entry.Key != "control"))
                tree.AddFile($"{Folder}/info/{name}.{file}", new BytesSource(content), machine.Metadata(Scripts.Contains(file, StringComparer.Ordinal) ? 755 : 644));
            if (package.ControlFiles.TryGetValue("triggers", out var declared)) ReadTriggers(declared, name);
        }
        Write("status", status.ToString());
        Write("available", "");
        Write("arch-native", machine.Architecture.Debian + "\n");
        Write("triggers/File", string.Concat(fileTriggers.Select(line => line + "\n")));
        Write("triggers/Unincorp", "");
        foreach (var (trigger, interested) in triggers) Write($"triggers/{trigger}", string.Concat(interested.Select(line => line + "\n")));

        void Write(string path, string text) => DpkgDatabase.Write(machine, path, text);

        // deb-triggers(5).
        void ReadTriggers(byte[] text, string name)
        {
            foreach (var words in Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))
            {
                if (words is not ["interest" or "interest-await" or "interest-noawait", var trigger, ..]) continue;
                var interested = words[0] == "interest-noawait" ? name + "/noawait" : name;
                if (trigger.StartsWith('/')) fileTriggers.Add($"{trigger} {interested}");
                else if (triggers.TryGetValue(trigger, out var known)) known.Add(interested);
                else triggers.Add(trigger, [interested]);
            }
        }
    }

    /// <summary>Writes what scripts say to dpkg.</summary>
    public static void AddState(MachineState machine)
    {
        Write(machine, "diversions", string.Concat(machine.Diversions.Select(diversion => $"{diversion.From}\n{diversion.To}\n{diversion.Package}\n")));
        Write(machine, "statoverride", string.Concat(machine.Overrides.Select(line => line + "\n")));
    }

    private static void Write(MachineState machine, string path, string text) => machine.Tree.AddFile($"{Folder}/{path}", text, machine.Metadata(644));

    // The control file with the state after its first field, which is the name, and the configuration files at its end.
    private static string Stanza(FileTree tree, ImagePackage package, string state)
    {
        var lines = package.Control.Trim('\n').Split('\n').ToList();
        lines.Insert(1, $"Status: install ok {state}");
        var hashes = ConfigurationFiles(package).Select(path => (Path: path, Node: tree.Find(path))).Where(file => file.Node is { Type: NodeType.File }).Select(file => $" {file.Path} {Hash(file.Node!)}").ToList();
        if (hashes.Count > 0) lines.AddRange(["Conffiles:", .. hashes]);
        return string.Join('\n', lines) + "\n";
    }

    // deb-conffiles(5): a path a line; with a flag before it, it is one to remove.
    private static IEnumerable<string> ConfigurationFiles(ImagePackage package) =>
        package.ControlFiles.TryGetValue("conffiles", out var text) ? Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith('/')) : [];

    /// <summary>The hash by which dpkg and ucf see whether somebody has changed a configuration file: MD5, as their databases have it.</summary>
    public static string Hash(Node file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(file.Data.ReadAll());
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The paths of a package's files and folders, in its order.</summary>
    public static IReadOnlyList<string> Files(ImagePackage package)
    {
        using var files = new FilePool(capacity: 1);
        return [.. TarReader.Read(new FileSource(package.TarPath, 0, new FileInfo(package.TarPath).Length, files)).Select(entry => FileNames.NormalizePath(entry.Name))];
    }
}
