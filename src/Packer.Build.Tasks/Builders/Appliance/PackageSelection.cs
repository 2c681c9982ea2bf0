using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Packer.Debian;

namespace Packer.Builders.Appliance;

/// <summary>
/// Chooses the packages by the present state of the archives. The choice is remembered by the bytes of the signed files and the keys that
/// verified them, so that a later build on the same state checks no signature and reads no index again.
/// </summary>
internal sealed class PackageSelection(IDebianFetcher fetcher, IReadOnlyList<DebianArchive> archives, IReadOnlyList<string> keyringFiles)
{
    private const string Category = "appliance-packages";
    private const long MaximumInRelease = 16 << 20;
    private const string Forever = "-";

    /// <summary>The packages that the set needs, ordered by name.</summary>
    /// <exception cref="DebianException">The archives cannot be had or trusted, or the packages cannot be chosen.</exception>
    public async Task<IReadOnlyList<ResolvedPackage>> SelectAsync(PackageSet packages, DateTimeOffset now, CancellationToken token)
    {
        var states = await Task.WhenAll(archives.Select(archive => fetcher.GetAsync(archive.InRelease, MaximumInRelease, token))).ConfigureAwait(false);
        var key = Key(packages, states);
        var path = await fetcher.GetDerivedAsync(Category, key, Choose, token).ConfigureAwait(false);
        if (await ReadAsync(path, now, token).ConfigureAwait(false) is { } known) return known;

        // The state has run out since, which choosing again will say, or the file is damaged.
        System.IO.File.Delete(path);
        path = await fetcher.GetDerivedAsync(Category, key, Choose, token).ConfigureAwait(false);
        return await ReadAsync(path, now, token).ConfigureAwait(false) ?? throw DebianException.Damaged(path, "it cannot be read, although it was just written");

        async Task Choose(string target, CancellationToken t)
        {
            var repository = await DebianRepository.OpenAsync(fetcher, archives, packages.Architecture.Debian, Keyring(), now, t).ConfigureAwait(false);
            var chosen = await Task.Run(() => repository.Resolve(packages.Names, packages.Exclusions), t).ConfigureAwait(false);
            var until = archives.Zip(states, ValidUntil).Min();
            var text = $"{until?.ToString("O", CultureInfo.InvariantCulture) ?? Forever}\n{ResolvedPackage.ToJson(chosen)}";
            await System.IO.File.WriteAllTextAsync(target, text, t).ConfigureAwait(false);
        }
    }

    private ArchiveKeyring Keyring() => keyringFiles.Aggregate(ArchiveKeyring.Debian(), (keyring, file) => keyring.WithFile(file));

    /// <summary>All that the choice depends on, this code and the keys that it brings among it.</summary>
    private string Key(PackageSet packages, byte[][] states)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(CodeVersion.Current);
        Append(packages.Architecture.Debian);
        foreach (var name in packages.Names) Append(name);
        for (var index = 0; index < states.Length; index++)
        {
            Append($"{archives[index].Address} {archives[index].Suite} {archives[index].Component}");
            hash.AppendData(SHA256.HashData(states[index]));
        }
        foreach (var file in keyringFiles) hash.AppendData(SHA256.HashData(ReadKeyring(file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
    }

    private static byte[] ReadKeyring(string file)
    {
        try
        {
            return System.IO.File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DebianException(DebianError.KeyringInvalid, $"The keyring '{file}' cannot be read: {exception.Message.TrimEnd('.')}. Correct the key DebianKeyring.", exception);
        }
    }

    // Read again without its signature, which has just been verified.
    private static DateTimeOffset? ValidUntil(DebianArchive archive, byte[] state)
    {
        var where = DebianArchive.Show(archive.InRelease);
        return ReleaseFile.Parse(ClearSignedText.Parse(state, where).Text(), where).ValidUntil;
    }

    private static async Task<IReadOnlyList<ResolvedPackage>?> ReadAsync(string path, DateTimeOffset now, CancellationToken token)
    {
        var text = await System.IO.File.ReadAllTextAsync(path, token).ConfigureAwait(false);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0) return null;
        if (text[..end] != Forever && (!DateTimeOffset.TryParseExact(text[..end], "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var until) || until < now)) return null;
        try
        {
            return ResolvedPackage.FromJson(text[(end + 1)..], path);
        }
        catch (DebianException)
        {
            return null;
        }
    }
}
