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

    /// <summary>Publishes the sample WebAppliance.</summary>
    public static async Task<AppContent> PublishSampleAsync(string project, string output, string runtimeIdentifier = "linux-x64")
    {
        Directory.CreateDirectory(project);
        File.Copy(RepositoryFiles.FullPath("samples", "WebAppliance", "Program.cs"), Path.Combine(project, "Program.cs"));
        // As the sample, but without the SDK, which is not packed here.
        await File.WriteAllTextAsync(Path.Combine(project, "WebAppliance.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        return await PublishAppAsync(project, output, "WebAppliance", runtimeIdentifier);
    }

    /// <summary>Publishes a project as an app that needs no culture data.</summary>
    public static async Task<AppContent> PublishAppAsync(string project, string output, string program, string runtimeIdentifier = "linux-x64")
    {
        await PublishAsync(project, output, runtimeIdentifier);
        return new AppContent(output, program, runtimeIdentifier) { InvariantGlobalization = true };
    }
}
