using System.ComponentModel;
using System.Diagnostics;

namespace Packer.Engine;

/// <summary>A program with all that it started, wherever that went.</summary>
/// <param name="root">The first process, or null where it is not known and only the mark is.</param>
/// <param name="mark">Value of <see cref="MarkVariable"/> in the environment of the tree.</param>
internal sealed class ProcessTree(ProcessIdentity? root, string mark)
{
    /// <summary>The environment variable that marks a tree.</summary>
    public const string MarkVariable = "PACKER_PROCESS_MARK";

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    /// <summary>A process that waits in the kernel for a broken disk outlives even SIGKILL; it is not waited for longer than this.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    /// <summary>The processes of the tree that run.</summary>
    public IReadOnlyList<ProcessIdentity> Members() => ProcessTable.FindTree(root, $"{MarkVariable}={mark}");

    /// <summary>Asks the tree to end, and ends it by force when the time is up.</summary>
    /// <param name="grace">Time to end in good order.</param>
    /// <param name="hurry">Cuts the grace.</param>
    /// <returns>How many processes there were to end.</returns>
    public async Task<int> EndAsync(TimeSpan grace, CancellationToken hurry)
    {
        var asked = new HashSet<ProcessIdentity>();
        var clock = Stopwatch.StartNew();
        var wait = ShortestWait;
        // Windows has no way to ask that all programs understand.
        var canAsk = !OperatingSystem.IsWindows();
        for (var force = false; ; force = true)
        {
            clock.Restart();
            while (clock.Elapsed < (force ? KillLimit : grace) && (force || canAsk && !hurry.IsCancellationRequested))
            {
                var members = Members();
                if (members.Count == 0) return asked.Count;
                foreach (var member in members)
                {
                    var first = asked.Add(member);
                    if (force) Kill(member);
                    else if (first) Ask(member);
                }
                await PauseAsync(wait, force ? CancellationToken.None : hurry);
                if (wait < LongestWait) wait *= 2;
            }
            if (force) return asked.Count;
            wait = ShortestWait;
        }
    }

    private static void Ask(ProcessIdentity process)
    {
        Unix.Kill(process.Id, Unix.SigTerm);
        Unix.Kill(process.Id, Unix.SigCont);
    }

    private static void Kill(ProcessIdentity process)
    {
        if (OperatingSystem.IsLinux())
        {
            Unix.Kill(process.Id, Unix.SigKill);
            return;
        }
        try
        {
            using var found = Process.GetProcessById(process.Id);
            found.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended in the meantime.
        }
    }

    private static async Task PauseAsync(TimeSpan wait, CancellationToken hurry)
    {
        try
        {
            await Task.Delay(wait, hurry);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at the token itself.
        }
    }
}
