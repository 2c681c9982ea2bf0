using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Packer.Engine;

/// <summary>The few calls of POSIX.1 that .NET has no way to make. Their constants are the same on Linux and macOS.</summary>
internal static partial class Unix
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Lets a stopped process take the signals that wait for it; its number differs between the systems.</summary>
    public static int SigCont => OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends a signal. A process that is gone, or that belongs to another user, is passed over.</summary>
    public static void Kill(int processId, int signal)
    {
        if (processId > 1) _ = NativeKill(processId, signal);
    }

    /// <summary>Makes the names in a folder survive a power cut.</summary>
    public static void FlushDirectory(string path)
    {
        var descriptor = Open(path);
        try
        {
            // Some file systems (and macOS on network disks) cannot flush folders and say EINVAL or ENOTSUP; there is nothing more to be done there.
            _ = NativeFlush(descriptor);
        }
        finally
        {
            _ = NativeClose(descriptor);
        }
    }

    /// <summary>Reads the start of a file without asking for its lock, as every way of .NET to open a file does.</summary>
    /// <returns>The bytes, or null where the file cannot be opened.</returns>
    public static byte[]? TryReadStart(string path, int length)
    {
        var descriptor = NativeOpen(path, 0);
        if (descriptor < 0) return null;
        try
        {
            var buffer = new byte[length];
            var count = NativeRead(descriptor, buffer, length);
            return count < 0 ? null : buffer[..(int)count];
        }
        finally
        {
            _ = NativeClose(descriptor);
        }
    }

    /// <summary>Gives a file a second name. Both must be on one file system that can do so.</summary>
    /// <returns>Whether it was done.</returns>
    public static bool TryLink(string source, string target) => NativeLink(source, target) == 0;

    private static int Open(string path)
    {
        var descriptor = NativeOpen(path, 0);
        return descriptor >= 0 ? descriptor : throw new IOException($"'{path}': {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeLink(string source, string target);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint NativeRead(int descriptor, [Out] byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeFlush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int NativeClose(int descriptor);
}
