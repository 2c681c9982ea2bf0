using System.Globalization;
using System.Text;

namespace Packer.Builders.Appliance;

/// <summary>A user of an image, with a group of the same name and number.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its number.</param>
/// <param name="Home">Its home folder.</param>
internal sealed record Account(string Name, uint Id, string Home)
{
    /// <summary>The number of its group.</summary>
    public uint Group { get; init; } = Id;
}

/// <summary>The users and groups of an image. Nobody of them can log in.</summary>
internal sealed class Accounts
{
    /// <summary>User and group that the app runs as: the same as in .NET's container images.</summary>
    public const uint AppUser = 1654;

    public const string AppUserName = "app";
    public const string Root = "root";

    /// <summary>The largest number: the one after it means none (chown(2)).</summary>
    public const uint MaximumId = uint.MaxValue - 1;

    private const string Nobody = "nobody";
    private const string NoShell = "/usr/sbin/nologin";
    private const int MaximumNameLength = 31;
    private const uint NobodyId = 65534;

    private static readonly (string Name, uint Id)[] OtherGroups = [("tty", 5), ("nogroup", NobodyId)];

    private readonly List<Account> users;
    private readonly List<(string Name, uint Id)> groups;

    /// <summary>Those that every image has.</summary>
    public Accounts() : this([new(Root, 0, "/root"), new(Nobody, NobodyId, "/nonexistent")], OtherGroups)
    {
    }

    /// <summary>Those that packages bring.</summary>
    public Accounts(IEnumerable<Account> users, IEnumerable<(string Name, uint Id)> groups) => (this.users, this.groups) = ([.. users], [.. groups]);

    /// <summary>Whether a text can name the user of an app: a name, or a number.</summary>
    public static bool IsUser(string text) => TryParseId(text, out _) || (IsName(text) && !OtherGroups.Any(group => group.Name == text));

    /// <summary>Whether a text can name an owner: <c>user</c> or <c>user:group</c>, each a name or a number.</summary>
    public static bool IsOwner(string text) => text.Split(':') is { Length: 1 or 2 } parts && parts.All(part => IsName(part) || TryParseId(part, out _));

    /// <summary>The user of an app; one that is not there yet is made.</summary>
    /// <param name="user">Its name or number.</param>
    /// <param name="home">The home folder of a new one.</param>
    public Account Add(string user, string home)
    {
        var isNumber = TryParseId(user, out var id);
        if (users.Find(known => isNumber ? known.Id == id : known.Name == user) is { } existing) return existing;
        if (!isNumber)
        {
            id = AppUser;
            while (users.Exists(known => known.Id == id)) id++;
        }
        var name = !isNumber ? user : id == AppUser ? AppUserName : string.Create(CultureInfo.InvariantCulture, $"user{id}");
        users.Add(new Account(name, id, home));
        return users[^1];
    }

    /// <summary>The numbers of an owner; null where the image has no such user or group.</summary>
    /// <param name="owner">As <see cref="IsOwner"/> says. Without a group it is the user's own, or the one of the same number.</param>
    public (uint User, uint Group)? FindOwner(string owner)
    {
        var parts = owner.Split(':');
        if (Find(parts[0], users.Select(user => (user.Name, user.Id))) is not { } user) return null;
        if (parts.Length == 1) return (user, users.Find(known => known.Id == user)?.Group ?? user);
        return Find(parts[1], Groups) is { } group ? (user, group) : null;
    }

    /// <summary>The names that an owner can have.</summary>
    public IEnumerable<string> Names => users.Select(user => user.Name);

    /// <summary>The file <c>/etc/passwd</c> (passwd(5)).</summary>
    public string PasswordFile => Lines(users.OrderBy(user => user.Id), user => $"{user.Name}:x:{user.Id}:{user.Id}:{user.Name}:{user.Home}:{NoShell}");

    /// <summary>The file <c>/etc/group</c> (group(5)).</summary>
    public string GroupFile => Lines(Groups.OrderBy(group => group.Id), group => $"{group.Name}:x:{group.Id}:");

    /// <summary>The file <c>/etc/shadow</c> (shadow(5)): passwords that no text has.</summary>
    public string ShadowFile => Lines(users.OrderBy(user => user.Id), user => $"{user.Name}:*:::::::");

    private IEnumerable<(string Name, uint Id)> Groups => [.. groups, .. users.Where(user => user.Name != Nobody && !groups.Exists(group => group.Name == user.Name)).Select(user => (user.Name, user.Id))];

    private static uint? Find(string text, IEnumerable<(string Name, uint Id)> known)
    {
        if (TryParseId(text, out var id)) return id;
        foreach (var entry in known)
            if (entry.Name == text) return entry.Id;
        return null;
    }

    private static bool TryParseId(string text, out uint id) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= MaximumId;

    // As Debian's adduser takes them by default (adduser.conf(5), NAME_REGEX).
    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaximumNameLength && (char.IsAsciiLetterLower(text[0]) || text[0] == '_') && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');

    private static string Lines<T>(IEnumerable<T> entries, Func<T, FormattableString> line)
    {
        var text = new StringBuilder();
        foreach (var entry in entries) text.Append(FormattableString.Invariant(line(entry))).Append('\n');
        return text.ToString();
    }
}
