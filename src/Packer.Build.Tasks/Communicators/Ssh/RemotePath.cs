using System.Text.RegularExpressions;

namespace Packer.Communicators.Ssh;

/// <summary>Paths of the machine, which has forward slashes whatever system this side has.</summary>
internal static partial class RemotePath
{
    private const string Home = "~/";

    /// <summary>The folder and the name of a path.</summary>
    public static (string Folder, string Name) Split(string path)
    {
        var end = path.LastIndexOf('/');
        return end < 0 ? (".", path) : (end == 0 ? "/" : path[..end], path[(end + 1)..]);
    }

    public static string Join(string folder, string name) => folder.EndsWith('/') ? folder + name : $"{folder}/{name}";

    /// <summary>The last name of a folder that may end in separators.</summary>
    public static string NameOf(string path) => Split(path.TrimEnd('/')).Name;

    /// <summary>
    /// The path as one word of a POSIX shell. A home folder at its start is left to the shell; a path that needs no quotes gets none, so that it is understood by
    /// other shells, too.
    /// </summary>
    public static string Quote(string path)
    {
        if (path is "~" || Plain().IsMatch(path)) return path;
        return path.StartsWith(Home, StringComparison.Ordinal) ? Home + Quote(path[Home.Length..]) : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>The path for SFTP, which begins in the home folder and knows no <c>~</c>.</summary>
    public static string WithoutHome(string path) => path is "~" ? "." : path.StartsWith(Home, StringComparison.Ordinal) ? "./" + path[Home.Length..] : path;

    [GeneratedRegex(@"\A[A-Za-z0-9_./:@%+=,-]+\z")]
    private static partial Regex Plain();
}
