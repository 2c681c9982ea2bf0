using System.Diagnostics;

namespace Packer.Tests.Imaging;

/// <summary>Runs external tools.</summary>
internal static class Tool
{
    /// <summary>Runs a tool that has to succeed, and returns what it printed.</summary>
    public static async Task<string> RunAsync(string tool, params string[] arguments)
    {
        var (exitCode, output) = await TryRunAsync(tool, arguments);
        Assert.AreEqual(0, exitCode, $"{tool} {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    public static async Task<(int ExitCode, string Output)> TryRunAsync(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(tool), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        start.Environment["MTOOLS_SKIP_CHECK"] = "0";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    private static string Find(string tool) =>
        ((string[])["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists) ?? tool;
}
