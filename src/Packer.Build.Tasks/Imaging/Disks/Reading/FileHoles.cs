using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>Asks the host where a file has holes (Linux and macOS, lseek(2)). Where it does not say, all is data: that costs time, but is as correct.</summary>
internal static partial class FileHoles
{
    /// <summary>ENXIO, the same on Linux and macOS: there is nothing more of the kind.</summary>
    private const int NoMore = 6;

    // The numbers of the two are exchanged between the systems.
    private static int SeekData => OperatingSystem.IsMacOS() ? 4 : 3;

    private static int SeekHole => OperatingSystem.IsMacOS() ? 3 : 4;

    /// <summary>The first place at or after <paramref name="offset"/> that may hold data, or <paramref name="length"/>.</summary>
    public static long NextData(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsWindows()) return offset;
        var found = Seek(file, offset, SeekData);
        if (found >= 0) return found;
        return Marshal.GetLastPInvokeError() == NoMore ? length : offset;
    }

    /// <summary>The first place at or after <paramref name="offset"/> where a hole begins, or <paramref name="length"/>.</summary>
    public static long NextHole(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsWindows()) return length;
        var found = Seek(file, offset, SeekHole);
        return found >= 0 ? found : length;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int from);
}
