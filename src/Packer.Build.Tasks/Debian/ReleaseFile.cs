using System.Collections.Frozen;
using System.Globalization;

namespace Packer.Debian;

/// <summary>A file that a Release file vouches for.</summary>
internal sealed record ReleaseEntry(string Path, string Sha256, long Length);

/// <summary>
/// The index of a suite (Debian repository format, "Release" files): what it is, how long it holds, and hash and size of every file of it.
/// </summary>
internal sealed class ReleaseFile
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    private readonly FrozenDictionary<string, ReleaseEntry> _files;

    private ReleaseFile(FrozenDictionary<string, ReleaseEntry> files) => _files = files;

    /// <summary>The suite, such as <c>stable-updates</c>.</summary>
    public string? Suite { get; private init; }

    /// <summary>The codename, such as <c>trixie-updates</c>.</summary>
    public string? Codename { get; private init; }

    /// <summary>When the archive was put into this state.</summary>
    public DateTimeOffset Date { get; private init; }

    /// <summary>When a mirror that still serves this state is to be regarded as stale; null: never.</summary>
    public DateTimeOffset? ValidUntil { get; private init; }

    /// <summary>Whether each file can also be had by its hash, which does not race with the mirror's updates.</summary>
    public bool AcquireByHash { get; private init; }

    /// <summary>The architectures of the suite.</summary>
    public IReadOnlyList<string> Architectures { get; private init; } = [];

    /// <summary>The entry of a path relative to the suite's folder, or null.</summary>
    public ReleaseEntry? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Reads the verified text of a Release file.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>.</exception>
    public static ReleaseFile Parse(string text, string where)
    {
        var fields = ControlParagraph.ParseSingle(text, where);
        var files = new Dictionary<string, ReleaseEntry>(StringComparer.Ordinal);
        foreach (var line in Required("SHA256").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 3 || !Sha256Digest.IsValid(words[0]) || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                throw DebianException.Damaged(where, $"'{line}' is not of the form 'hash size path'");
            var entry = new ReleaseEntry(words[2], words[0].ToLowerInvariant(), length);
            if (!files.TryAdd(entry.Path, entry) && files[entry.Path] != entry) throw DebianException.Damaged(where, $"it gives two hashes for '{entry.Path}'");
        }

        return new ReleaseFile(files.ToFrozenDictionary(StringComparer.Ordinal))
        {
            Suite = fields["Suite"],
            Codename = fields["Codename"],
            Date = ParseDate("Date", Required("Date")),
            ValidUntil = fields["Valid-Until"] is { } until ? ParseDate("Valid-Until", until) : null,
            AcquireByHash = string.Equals(fields["Acquire-By-Hash"], "yes", StringComparison.OrdinalIgnoreCase),
            Architectures = (fields["Architectures"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        };

        string Required(string name) => fields[name] ?? throw DebianException.Damaged(where, $"it has no field '{name}'");

        // RFC 2822 form, always in UTC ("Date, Valid-Until").
        DateTimeOffset ParseDate(string name, string value) =>
            DateTimeOffset.TryParseExact(value, ["ddd, d MMM yyyy H:mm:ss 'UTC'", "ddd, d MMM yyyy H:mm:ss 'GMT'", "ddd, d MMM yyyy H:mm:ss '+0000'"],
                CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
                ? date
                : throw DebianException.Damaged(where, $"its field {name} is not a date in UTC: '{value}'");
    }

    /// <summary>Refuses the index of another suite than the one asked for, one that no longer holds, and one of the future.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.WrongSuite"/>, <see cref="DebianError.ReleaseExpired"/> or
    /// <see cref="DebianError.ReleaseNotYetValid"/>.</exception>
    public void Check(string suite, DateTimeOffset now, string where)
    {
        if (!string.Equals(suite, Codename, StringComparison.Ordinal) && !string.Equals(suite, Suite, StringComparison.Ordinal))
            throw new DebianException(DebianError.WrongSuite,
                $"{where} should be the suite '{suite}', but what is signed there is '{Codename ?? "?"}' ('{Suite ?? "?"}'). Ask for the suite by its own name, or use another mirror.");
        if (ValidUntil < now)
            throw new DebianException(DebianError.ReleaseExpired,
                $"{where} was valid until {ValidUntil:u}, and now it is {now:u}: the mirror is no longer updated, or an old state is being replayed. Use another mirror, or set the clock of this machine right.");
        if (Date > now + ClockTolerance)
            throw new DebianException(DebianError.ReleaseNotYetValid,
                $"{where} is dated {Date:u}, and now it is {now:u}. Set the clock of this machine right, or use another mirror.");
    }
}
