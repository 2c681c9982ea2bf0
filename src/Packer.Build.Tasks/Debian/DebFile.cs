using System.Formats.Tar;
using System.Text;

namespace Packer.Debian;

/// <summary>The control part of a package.</summary>
/// <param name="Fields">The paragraph of the file <c>control</c> (Debian Policy 5.3).</param>
/// <param name="Files">The content of each file of the control archive by name: <c>control</c>, <c>md5sums</c>, <c>conffiles</c>, <c>postinst</c>…</param>
internal sealed record DebControl(ControlParagraph Fields, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>Reads binary packages of format 2 (deb(5)).</summary>
internal static class DebFile
{
    private const long MaximumControlLength = 64 << 20;
    private const int BufferLength = 256 << 10;

    /// <summary>Reads the control part.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/> or <see cref="DebianError.TooLarge"/>.</exception>
    public static Task<DebControl> ReadControlAsync(string debPath, CancellationToken token) => Task.Run(() => ReadControl(debPath, token), token);

    /// <summary>
    /// Writes the package's files as an uncompressed tar archive. On failure no file remains at <paramref name="tarPath"/>.
    /// </summary>
    /// <param name="debPath">The package.</param>
    /// <param name="tarPath">The file to write; it is replaced.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>, or <see cref="DebianError.TooLarge"/> when the package expands to
    /// more than <see cref="ExpandedLimit"/>.</exception>
    public static Task ExpandDataAsync(string debPath, string tarPath, CancellationToken token) => ExpandDataAsync(debPath, tarPath, null, token);

    /// <summary>The same with a limit of the caller's, in bytes.</summary>
    public static Task ExpandDataAsync(string debPath, string tarPath, long? limit, CancellationToken token) => Task.Run(() => ExpandData(debPath, tarPath, limit, token), token);

    /// <summary>
    /// How large the files of a package of this length may be: room for text that packs well, and an end to what only pretends to be a package.
    /// </summary>
    public static long ExpandedLimit(long packedLength) => Math.Min(16L << 30, (256L << 20) + (packedLength * 64));

    private static DebControl ReadControl(string debPath, CancellationToken token)
    {
        using var file = File.OpenRead(debPath);
        var (control, _) = Members(file, debPath);
        using var part = new PartStream(file, control.Offset, control.Length);
        using var expanded = ExpandingStream.Open(part, control.Name, MaximumControlLength, debPath);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var tar = new TarReader(expanded, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry)
            {
                token.ThrowIfCancellationRequested();
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
                // No array as long as the header says: the limit of the expanded stream must bite first.
                using var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                if (content.Length != entry.Length) throw DebianException.Damaged(debPath, $"'{entry.Name}' is truncated");
                files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = content.ToArray();
            }

            // What follows the last entry is read too, so that the checks at the end of the packed data are made.
            expanded.CopyTo(Stream.Null);
        }
        catch (Exception exception) when (exception is not (DebianException or OperationCanceledException or OutOfMemoryException) && (exception is not IOException || exception is EndOfStreamException))
        {
            // TarReader throws many kinds for malformed headers.
            throw DebianException.Damaged(debPath, $"its {control.Name} cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }

        if (!files.TryGetValue("control", out var text)) throw DebianException.Damaged(debPath, "it has no control file");
        return new DebControl(ControlParagraph.ParseSingle(Encoding.UTF8.GetString(text), debPath), files);
    }

    private static void ExpandData(string debPath, string tarPath, long? limit, CancellationToken token)
    {
        using var file = File.OpenRead(debPath);
        var (_, data) = Members(file, debPath);
        using var part = new PartStream(file, data.Offset, data.Length);
        using var expanded = ExpandingStream.Open(part, data.Name, limit ?? ExpandedLimit(data.Length), debPath);
        var whole = false;
        try
        {
            using var tar = new FileStream(tarPath, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var buffer = new byte[BufferLength];
            for (int count; (count = expanded.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
            {
                token.ThrowIfCancellationRequested();
                tar.Write(buffer, 0, count);
            }

            // POSIX pax "ustar Interchange Format": blocks of 512 bytes, at least two at the end.
            if (expanded.Position < 1024 || expanded.Position % 512 != 0) throw DebianException.Damaged(debPath, $"its {data.Name} is not a tar archive");
            whole = true;
        }
        finally
        {
            if (!whole) File.Delete(tarPath);
        }
    }

    // deb(5): debian-binary, then control.tar, then data.tar; members that begin with an underscore may stand between, any others only after.
    private static (ArMember Control, ArMember Data) Members(FileStream file, string where)
    {
        var members = ArArchive.Read(file, where).Where(member => !member.Name.StartsWith('_')).ToArray();
        if (members.Length < 3 || members[0].Name != "debian-binary") throw DebianException.Damaged(where, "it is not a Debian package: a debian-binary, a control and a data member are needed");
        Span<byte> version = stackalloc byte[2];
        using var first = new PartStream(file, members[0].Offset, members[0].Length);
        if (first.ReadAtLeast(version, 2, throwOnEndOfStream: false) != 2 || !version.SequenceEqual("2."u8)) throw DebianException.Damaged(where, "it is not a Debian package of format 2");
        if (!IsTar(members[1], "control.tar") || !IsTar(members[2], "data.tar")) throw DebianException.Damaged(where, "its control and data members are not in their places");
        return (members[1], members[2]);
    }

    private static bool IsTar(ArMember member, string name) => member.Name == name || member.Name.StartsWith(name + ".", StringComparison.Ordinal);
}
