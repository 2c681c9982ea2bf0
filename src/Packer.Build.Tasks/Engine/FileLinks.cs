using System.Runtime.InteropServices;

namespace Packer.Engine;

/// <summary>Gives a large file that nobody writes to any more a second name, instead of copying it.</summary>
internal static partial class FileLinks
{
    /// <summary>Links a file, or copies it where the two places are on different disks or the file system has no hard links.</summary>
    /// <param name="source">Full path of the file; a symbolic link is followed.</param>
    /// <param name="target">Full path of its new name.</param>
    /// <returns>Whether it was linked.</returns>
    /// <exception cref="IOException">It cannot be copied either.</exception>
    public static bool LinkOrCopy(string source, string target)
    {
        var real = Real(source);
        if (TryHardLink(real, target)) return true;
        File.Copy(real, target);
        return false;
    }

    /// <summary>As <see cref="LinkOrCopy"/>, with a symbolic link before a copy: for a file that stays where it is as long as the new name is used.</summary>
    /// <param name="source">Full path of the file; a symbolic link is followed.</param>
    /// <param name="target">Full path of its new name.</param>
    /// <exception cref="IOException">It cannot be copied either.</exception>
    public static void Refer(string source, string target)
    {
        var real = Real(source);
        if (TryHardLink(real, target)) return;
        // Windows lets only administrators make symbolic links.
        if (OperatingSystem.IsWindows()) File.Copy(real, target);
        else File.CreateSymbolicLink(target, real);
    }

    // A hard link to a symbolic link is a second symbolic link.
    private static string Real(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static bool TryHardLink(string source, string target) => OperatingSystem.IsWindows() ? NativeCreateHardLink(target, source, 0) : Unix.TryLink(source, target);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool NativeCreateHardLink(string target, string source, nint attributes);
}
