using System.Diagnostics;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Publishes a project as an image takes it.</summary>
internal static class PublishedProject
{
    public static async Task PublishAsync(string project, string output, string runtimeIdentifier = "linux-x64")
    {
        var start = new ProcessStartInfo("dotnet", ["publish", "-c", "Release", "-r", runtimeIdentifier, "--self-contained", "-o", output, "-v", "q", "-nodeReuse:false"])
        {
            WorkingDirectory = project,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What runs the tests sets these for itself.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var text = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, string.Concat(await text));
    }
}
