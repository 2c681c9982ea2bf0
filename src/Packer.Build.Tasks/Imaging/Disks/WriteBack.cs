using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>Has the host's disk take what was written to a file, while more is written.</summary>
internal static partial class WriteBack
{
    /// <summary>SYNC_FILE_RANGE_WRITE (Linux, sync_file_range(2)).</summary>
    private const uint StartWriting = 2;

    /// <summary>
    /// Begins; nothing is promised, and an error is none. In contrast to a flush it leaves the file system's journal alone, which may have much else to do. On systems other than Linux nothing is done.
    /// </summary>
    public static void Start(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux()) _ = SyncFileRange(file, offset, length, StartWriting);
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
