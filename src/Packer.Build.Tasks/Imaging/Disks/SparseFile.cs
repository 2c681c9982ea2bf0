using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>Makes files of the host whose unwritten ranges take no room.</summary>
internal static partial class SparseFile
{
    /// <summary>FSCTL_SET_SPARSE (Windows, winioctl.h). Unix makes holes without being asked.</summary>
    private const uint SetSparse = 0x000900C4;

    /// <summary>Creates or empties a file and gives it a length, all of it a hole where the host's file system has holes.</summary>
    public static SafeFileHandle Create(string path, long length)
    {
        var handle = File.OpenHandle(path, System.IO.FileMode.Create, FileAccess.Write, FileShare.None);
        try
        {
            // A file system without sparse files refuses; the file is as correct then, only larger.
            if (OperatingSystem.IsWindows()) DeviceIoControl(handle, SetSparse, 0, 0, 0, 0, out _, 0);
            RandomAccess.SetLength(handle, length);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeviceIoControl(SafeFileHandle device, uint code, nint input, uint inputLength, nint output, uint outputLength, out uint returned, nint overlapped);
}
