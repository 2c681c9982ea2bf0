namespace Packer.Engine;

/// <summary>
/// Notices that the process that started this one has died. Only a task host of MSBuild needs it: it does not notice by itself, while nodes do.
/// No other process watches: a build in the background outlives the shell that started it, and a node that is used again outlives the build
/// that started it.
/// </summary>
/// <param name="ParentId">Gives the id of the parent, which changes when it dies; null where that cannot be seen.</param>
/// <param name="Interval">How often it is looked at.</param>
internal sealed record ParentWatch(Func<int?> ParentId, TimeSpan Interval)
{
    private static readonly string[] TaskHostSwitches = ["/nodemode:2", "-nodemode:2"];

    /// <summary>The watch of this process; null where it has none.</summary>
    public static ParentWatch? OfThisProcess() =>
        IsTaskHost(Environment.GetCommandLineArgs()) ? new ParentWatch(ParentProcess.Id, TimeSpan.FromSeconds(1)) : null;

    /// <summary>Whether a command line is that of a task host (MSBuild: <c>NodeMode.OutOfProcTaskHostNode</c>).</summary>
    public static bool IsTaskHost(IEnumerable<string> commandLine) =>
        commandLine.Any(argument => TaskHostSwitches.Contains(argument, StringComparer.OrdinalIgnoreCase));

    /// <summary>Starts to watch, until disposed.</summary>
    /// <param name="died">Called at each look after the death; must not block.</param>
    public IDisposable? Start(Action died) =>
        ParentId() is { } parent ? new Timer(_ =>
        {
            if (ParentId() != parent) died();
        }, null, Interval, Interval) : null;
}
