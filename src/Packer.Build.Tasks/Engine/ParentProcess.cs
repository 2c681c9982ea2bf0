using System.Runtime.InteropServices;

namespace Packer.Engine;

/// <summary>The process that started this one.</summary>
internal static partial class ParentProcess
{
    /// <summary>Its id; it changes when that process dies. Null on Windows, where a dead parent keeps its number.</summary>
    public static int? Id() => OperatingSystem.IsWindows() ? null : GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();
}
