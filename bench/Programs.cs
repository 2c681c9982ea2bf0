namespace Packer.Bench;

/// <summary>The programs of this machine.</summary>
internal static class Programs
{
    // Debian keeps root's programs apart.
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/sbin"];

    public static bool AreThere(params string[] names) => names.All(name => Folders.Any(folder => File.Exists(Path.Combine(folder, name))));
}
