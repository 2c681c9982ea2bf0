using System.Globalization;
using System.Text;

namespace Packer.Debian;

/// <summary>A member of an ar archive: where its bytes lie in the file.</summary>
internal sealed record ArMember(string Name, long Offset, long Length);

/// <summary>
/// The list of members of an ar archive in the common format without extended names, which is what a Debian package is (deb(5), "FORMAT").
/// </summary>
internal static class ArArchive
{
    private const int HeaderLength = 60;
    private const int MaximumMembers = 64;

    /// <summary>Reads the members' headers; each member must lie in the file whole.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>.</exception>
    public static IReadOnlyList<ArMember> Read(Stream file, string where)
    {
        var header = new byte[HeaderLength];
        file.Position = 0;
        if (file.ReadAtLeast(header.AsSpan(0, 8), 8, throwOnEndOfStream: false) != 8 || !header.AsSpan(0, 8).SequenceEqual("!<arch>\n"u8))
            throw DebianException.Damaged(where, "it does not begin as an ar archive");

        var members = new List<ArMember>();
        for (long offset = 8; offset < file.Length;)
        {
            file.Position = offset;
            if (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) != HeaderLength) throw DebianException.Damaged(where, "it is truncated inside of a member's header");
            if (!header.AsSpan(58).SequenceEqual("`\n"u8)) throw DebianException.Damaged(where, $"there is no member's header at byte {offset}");
            var name = Encoding.Latin1.GetString(header, 0, 16).TrimEnd(' ');
            // GNU ar ends names with a slash, dpkg-deb does not.
            if (name.EndsWith('/')) name = name[..^1];
            if (!long.TryParse(Encoding.Latin1.GetString(header, 48, 10).TrimEnd(' '), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                throw DebianException.Damaged(where, $"the member '{name}' has no length");
            offset += HeaderLength;
            if (length > file.Length - offset) throw DebianException.Damaged(where, $"it is truncated inside of the member '{name}'");
            members.Add(new ArMember(name, offset, length));
            if (members.Count > MaximumMembers) throw DebianException.Damaged(where, $"it has more than {MaximumMembers} members");
            offset += length + (length & 1);
        }

        return members;
    }
}
