using System.Globalization;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>The links of update-alternatives(1), and its database (the file format is that of dpkg 1.22), with the best alternative of each name chosen.</summary>
internal static class AlternativeFiles
{
    private const string Links = "/etc/alternatives/";
    private const string Database = "/var/lib/dpkg/alternatives/";

    /// <summary>Writes links and database of alternatives whose files are there.</summary>
    public static void AddTo(MachineState machine)
    {
        var tree = machine.Tree;
        foreach (var group in machine.Alternatives.Where(alternative => Exists(tree, alternative.Path)).GroupBy(alternative => alternative.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var choices = group.OrderBy(choice => choice.Path, StringComparer.Ordinal).ToList();
            var best = choices.MaxBy(choice => choice.Priority)!;
            var slaves = choices.SelectMany(choice => choice.Slaves).Select(slave => (slave.Name, slave.Link)).Distinct().OrderBy(slave => slave.Name, StringComparer.Ordinal).ToList();

            var text = new StringBuilder("auto\n").Append(best.Link).Append('\n');
            foreach (var (name, link) in slaves) text.Append(name).Append('\n').Append(link).Append('\n');
            text.Append('\n');
            foreach (var choice in choices)
            {
                text.Append(choice.Path).Append('\n').Append(choice.Priority.ToString(CultureInfo.InvariantCulture)).Append('\n');
                foreach (var (name, _) in slaves) text.Append(choice.Slaves.FirstOrDefault(slave => slave.Name == name)?.Path).Append('\n');
            }
            text.Append('\n');
            tree.AddFile(Database + group.Key, text.ToString(), machine.Metadata(644));

            Link(best.Link, group.Key, best.Path);
            foreach (var slave in best.Slaves.Where(slave => Exists(tree, slave.Path))) Link(slave.Link, slave.Name, slave.Path);
        }

        void Link(string link, string name, string path)
        {
            tree.AddSymbolicLink(Links + name, path, machine.Timestamp);
            tree.AddSymbolicLink(link, Links + name, machine.Timestamp);
        }
    }

    private static bool Exists(FileTree tree, string path) => tree.Find(path) is not null;
}
