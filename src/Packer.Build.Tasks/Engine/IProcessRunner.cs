namespace Packer;

/// <summary>
/// Starts programs for a build. A terminal's Ctrl-C does not reach them, nor its end, their whole tree ends with them, and each is written down so that
/// the next build can end what a killed build left behind.
/// </summary>
public interface IProcessRunner
{
    /// <summary>Starts a program.</summary>
    /// <param name="start">What to start.</param>
    /// <exception cref="PackerException">The program cannot be started.</exception>
    IRunningProcess Start(ProcessStart start);
}

/// <summary>A program that runs. Disposing it ends its whole tree.</summary>
public interface IRunningProcess : IAsyncDisposable
{
    /// <summary>Process id.</summary>
    int Id { get; }

    /// <summary>Whether it has ended.</summary>
    bool HasExited { get; }

    /// <summary>Waits for the end and for the last line of output; returns the exit code. On cancellation the whole tree is ended first.</summary>
    /// <param name="token">Ends the program.</param>
    Task<int> WaitAsync(CancellationToken token);
}

/// <summary>A program to start.</summary>
/// <param name="FileName">A full path, or a name that is looked up in <c>PATH</c>.</param>
/// <param name="Arguments">Passed as they are, without a shell.</param>
public sealed record ProcessStart(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Full path of the folder it starts in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Variables set on top of this process's environment; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Receives each line of standard output as it comes; null drops it.</summary>
    public Action<string>? Output { get; init; }

    /// <summary>Receives each line of standard error as it comes; null drops it.</summary>
    public Action<string>? Error { get; init; }
}
