using System.Globalization;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>A user as passwd(5) has it.</summary>
internal sealed record SystemUser(string Name, uint Id, uint GroupId, string Comment, string Home, string Shell);

/// <summary>A group as group(5) has it.</summary>
internal sealed record SystemGroup(string Name, uint Id)
{
    public SortedSet<string> Members { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The users and groups of a Debian system: those that Debian numbers (<c>base-passwd</c>), those that packages declare (sysusers.d(5)), which systemd would make at
/// the first start, and those of scripts. They are numbered in the order of the packages' files, so the same packages give the same numbers. Nobody has a password.
/// </summary>
internal sealed class SystemUsers
{
    private const string Masters = "/usr/share/base-passwd/";
    private const string Declarations = "/usr/lib/sysusers.d";
    private const string NoShell = "/usr/sbin/nologin";
    private const int SecondsOfDay = 24 * 60 * 60;

    // login.defs(5), SYS_UID_MAX and SYS_UID_MIN; systemd-sysusers(8) takes the greatest free one.
    private const uint LastSystemId = 999;
    private const uint FirstSystemId = 100;

    private readonly List<SystemUser> users = [];
    private readonly List<SystemGroup> groups = [];

    /// <param name="tree">Has the files of the packages.</param>
    public SystemUsers(FileTree tree)
    {
        foreach (var fields in Lines(Masters + "group.master")) groups.Add(new SystemGroup(fields[0], Number(fields[2])));
        foreach (var fields in Lines(Masters + "passwd.master")) users.Add(new SystemUser(fields[0], Number(fields[2]), Number(fields[3]), fields[4], fields[5], fields[6]));
        if (tree.Find(Declarations) is not { } folder) return;
        var declared = folder.Children.Where(entry => entry.Key.EndsWith(".conf", StringComparison.Ordinal) && entry.Value.Type == NodeType.File)
            .SelectMany(entry => Encoding.UTF8.GetString(entry.Value.Data.ReadAll()).Split('\n')).Select(Words).Where(words => words.Count > 1 && words[0].Length > 0).ToList();
        // Fixed numbers first, so that none of them is given away.
        foreach (var words in declared.OrderBy(words => words.Count > 2 && words[2].Length > 0 && char.IsAsciiDigit(words[2][0]) ? 0 : 1).ThenBy(words => words[0][0] switch { 'g' => 0, 'u' => 1, _ => 2 })) Declare(words);

        IEnumerable<string[]> Lines(string path) => tree.Find(path) is { Type: NodeType.File } node
            ? Encoding.UTF8.GetString(node.Data.ReadAll()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')).Where(fields => fields.Length >= 4)
            : [];
    }

    /// <summary>The users, for those who look for owners.</summary>
    public IEnumerable<Account> Accounts => users.Select(user => new Account(user.Name, user.Id, user.Home) { Group = user.GroupId });

    /// <summary>The groups, for those who look for owners.</summary>
    public IEnumerable<(string Name, uint Id)> Groups => groups.Select(group => (group.Name, group.Id));

    /// <summary>The number of a group that is there.</summary>
    public uint GroupId(string name) => name == Appliance.Accounts.Root ? 0 : groups.Find(group => group.Name == name)?.Id
        ?? throw new ImagingException($"The image has no group '{name}', which a package needs. Use another suite.");

    /// <summary>Makes a group of the system, if it is not there.</summary>
    public SystemGroup AddGroup(string name, uint? id = null)
    {
        if (groups.Find(group => group.Name == name) is { } existing) return existing;
        groups.Add(new SystemGroup(name, id ?? FreeId()));
        return groups[^1];
    }

    /// <summary>Makes the user of an app, with its group, if it is not there.</summary>
    public void Add(Account account)
    {
        if (users.Exists(user => user.Id == account.Id || user.Name == account.Name)) return;
        if (!groups.Exists(group => group.Id == account.Id)) AddGroup(account.Name, account.Id);
        users.Add(new SystemUser(account.Name, account.Id, account.Id, account.Name, account.Home, NoShell));
    }

    /// <summary>Writes passwd(5), group(5), shadow(5) and gshadow(5).</summary>
    public void AddTo(FileTree tree, long timestamp)
    {
        var day = timestamp / SecondsOfDay;
        var shadow = GroupId("shadow");
        Write("/etc/passwd", 644, 0, users.OrderBy(user => user.Id).Select(user => $"{user.Name}:x:{user.Id}:{user.GroupId}:{user.Comment}:{user.Home}:{user.Shell}"));
        Write("/etc/group", 644, 0, groups.OrderBy(group => group.Id).Select(group => $"{group.Name}:x:{group.Id}:{string.Join(',', group.Members)}"));
        Write("/etc/shadow", 640, shadow, users.OrderBy(user => user.Id).Select(user => $"{user.Name}:*:{day}:0:99999:7:::"));
        Write("/etc/gshadow", 640, shadow, groups.OrderBy(group => group.Id).Select(group => $"{group.Name}:*::{string.Join(',', group.Members)}"));
        foreach (var file in (string[])["/etc/subuid", "/etc/subgid"]) Write(file, 644, 0, []);

        void Write(string path, int mode, uint group, IEnumerable<string> lines) =>
            tree.AddFile(path, string.Concat(lines.Select(line => line + "\n")), new NodeMetadata(Permissions.Octal(mode), 0, group, timestamp));
    }

    // sysusers.d(5): type, name, id, comment, home, shell; "-" is none.
    private void Declare(IReadOnlyList<string> words)
    {
        var name = words[1];
        var id = Field(2)?.Split(':') ?? [];
        switch (words[0][0])
        {
            case 'g':
                AddGroup(name, Fixed(id));
                break;
            case 'u' when !users.Exists(user => user.Name == name):
                var group = id.Length > 1 ? groups.Find(known => known.Name == id[1])?.Id ?? Fixed(id[1..]) ?? AddGroup(name).Id : AddGroup(name, Fixed(id)).Id;
                users.Add(new SystemUser(name, Fixed(id) ?? (id.Length > 1 ? FreeId() : group), group, Field(3) ?? "", Field(4) ?? "/", Field(5) ?? NoShell));
                break;
            case 'm' when words.Count > 2:
                AddGroup(words[2]).Members.Add(name);
                break;
        }

        string? Field(int index) => words.Count > index && words[index] is not ("-" or "") ? words[index] : null;

        static uint? Fixed(string[] id) => id.Length > 0 && uint.TryParse(id[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private uint FreeId()
    {
        for (var id = LastSystemId; id >= FirstSystemId; id--)
            if (!users.Exists(user => user.Id == id) && !groups.Exists(group => group.Id == id)) return id;
        throw new ImagingException("The packages of the image make more users than a system has numbers for. Name fewer packages.");
    }

    private static uint Number(string text) => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    // Words with double or single quotes around those that have blanks.
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var text = line.Trim();
        for (var index = 0; index < text.Length && text[0] != '#';)
        {
            if (char.IsWhiteSpace(text[index]))
            {
                index++;
                continue;
            }
            var quote = text[index] is '"' or '\'' ? text[index] : '\0';
            var start = quote == '\0' ? index : index + 1;
            var end = start;
            while (end < text.Length && (quote == '\0' ? !char.IsWhiteSpace(text[end]) : text[end] != quote)) end++;
            words.Add(text[start..end]);
            index = end + 1;
        }
        return words;
    }
}
