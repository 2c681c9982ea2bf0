using System.Runtime.CompilerServices;
using Microsoft.Build.Execution;
using Microsoft.Build.Framework;
using Microsoft.Build.Locator;
using Microsoft.Build.Logging;

namespace Packer.BuildHost;

/// <summary>
/// Builds a project through MSBuild's API, as an IDE does, and cancels when a file appears. Arguments: the project, the file, and
/// <c>in-process</c> where the host itself may build.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        MSBuildLocator.RegisterDefaults();
        return Build(arguments[0], arguments[1], inProcess: arguments.Contains("in-process"));
    }

    /// <summary>A method of its own: its types are found only after the registration.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Build(string project, string cancelFile, bool inProcess)
    {
        var manager = BuildManager.DefaultBuildManager;
        manager.BeginBuild(new BuildParameters
        {
            MaxNodeCount = 2,
            DisableInProcNode = !inProcess,
            EnableNodeReuse = false,
            Loggers = [new ConsoleLogger(LoggerVerbosity.Minimal)],
        });
        using var ended = new ManualResetEventSlim();
        var submission = manager.PendBuildRequest(new BuildRequestData(project, new Dictionary<string, string?>(), null, ["Build"], null));
        submission.ExecuteAsync(_ => ended.Set(), null);
        while (!ended.Wait(TimeSpan.FromMilliseconds(20)))
        {
            if (!File.Exists(cancelFile)) continue;
            manager.CancelAllSubmissions();
            break;
        }
        ended.Wait();
        manager.EndBuild();
        return submission.BuildResult?.OverallResult == BuildResultCode.Success ? 0 : 1;
    }
}
