using System.Text.RegularExpressions;

namespace Packer.Sdk.Tests.Running;

/// <summary>A <c>PackerRun</c> as at a terminal: in a session of its own, whose Ctrl-C goes to the group.</summary>
internal static class PackerRunCommand
{
    /// <summary>Starts it for one image of a project that was restored.</summary>
    public static RunningCommand Start(TestProject project, string image)
    {
        var start = DotNet.StartInfo(project.Folder, [], project.Environment);
        start.FileName = "setsid";
        foreach (var argument in (string[])["env", "--default-signal", "dotnet", .. TestProject.Arguments("build", "--no-restore", "-t:PackerRun", $"-p:PackerOnly={image}")]) start.ArgumentList.Add(argument);
        return new RunningCommand(start);
    }

    /// <summary>Waits until it says where the image answers, and returns that address.</summary>
    public static async Task<Uri> WaitForAddressAsync(RunningCommand command, string image)
    {
        Match Address() => Regex.Match(command.OutputSoFar, Regex.Escape(image) + @": (http://127\.0\.0\.1:\d+/)");
        await Wait.UntilAsync(() => command.Process.HasExited || Address().Success, () => command.OutputSoFar);
        Assert.IsTrue(Address().Success, command.OutputSoFar);
        return new Uri(Address().Groups[1].Value);
    }
}
