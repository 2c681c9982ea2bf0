namespace Packer.Communicators.Ssh;

/// <summary>Unix permission bits as the protocols write them, in octal.</summary>
internal static class UnixModes
{
    private const int All = 0b111_111_111_111;
    private const int Permissions = 0b111_111_111;

    public static string Octal(UnixFileMode mode) => Convert.ToString((int)mode & All, 8).PadLeft(4, '0');

    /// <summary>The bits of an octal number that came from a machine: only permissions are taken over here.</summary>
    public static UnixFileMode Parse(string octal) => (UnixFileMode)(Convert.ToInt32(octal, 8) & Permissions);

    /// <summary>Gives a local file its bits, where the system has such.</summary>
    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }
}
