using System.Globalization;
using System.Runtime.InteropServices;

namespace Packer.Bench;

/// <summary>What a reader must know of the machine to judge the figures.</summary>
internal static class Machine
{
    public static string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>The load of the last minute, and of five: the benchmark itself is about one, what is above it is others' work.</summary>
    public static string Load() =>
        OperatingSystem.IsLinux() ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..2]) : "not known on this system";
}
