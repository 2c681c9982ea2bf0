using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Packer.TestPlugin;

/// <summary>
/// Works until it is released or cancelled, and then cleans up for a while. It starts programs that start others in every way that gets lost,
/// and leaves their end to the engine. What happens is written to a file of events, a line each: time in ms, process id, event.
/// </summary>
[PackerBuilder("slow")]
public sealed class SlowBuilder : Builder<SlowConfig>
{
    /// <summary>A child, a grandchild whose parent ends at once, one in a session of its own, and one that never stops writing into the folders of the image.</summary>
    private const string Programs = """
        sleep 600 &
        (sh -c 'sleep 600 & wait' &)
        (setsid sh -c 'sleep 600 & wait' >/dev/null 2>&1 &)
        while :; do echo x > "$1/scribble.$$" ; mkdir -p "$2/deep" ; echo x > "$2/deep/scribble" ; echo ready ; sleep 0.01 ; done
        """;

    private readonly Lock gate = new();

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(SlowConfig config, BuildContext context, CancellationToken token)
    {
        var events = Path.Combine(config.Events, context.Image + ".events");
        Note(events, "began");
        using var noted = token.Register(() => Note(events, "cancelled"));
        using var hurried = context.Hurry.Register(() => Note(events, "hurry"));
        var path = Path.Combine(context.OutputDirectory, context.Image + ".slow");
        await File.WriteAllTextAsync(path, "half of it\n", token);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var program = context.Processes.Start(new ProcessStart("sh", ["-c", Programs, "sh", context.OutputDirectory, context.TemporaryDirectory])
        {
            WorkingDirectory = context.ProjectDirectory,
            Output = _ => ready.TrySetResult(),
        });
        try
        {
            await ready.Task.WaitAsync(token);
            Note(events, "started");
            while (!File.Exists(config.Release)) await Task.Delay(20, token);
            await Task.Delay(config.WorkTime, token);
        }
        catch (OperationCanceledException)
        {
            Note(events, program.HasExited ? "clean-up begins without its program" : "clean-up begins");
            context.Ui.Say("Cleaning up.");
            try
            {
                await Task.Delay(config.CleanUpTime, context.Hurry);
                Note(events, "clean-up ends");
            }
            catch (OperationCanceledException)
            {
                Note(events, "clean-up ends in a hurry");
            }
            throw;
        }
        await program.DisposeAsync();
        foreach (var scribble in Directory.EnumerateFiles(context.OutputDirectory, "scribble*").ToList()) File.Delete(scribble);
        await File.WriteAllTextAsync(path, Content(context.Image), token);
        Note(events, "built");
        return new Artifact("packer.test.slow", context.Image, [path], "slow but sure");
    }

    private static string Content(string image) => string.Concat(Enumerable.Range(0, 1000).Select(line => string.Create(CultureInfo.InvariantCulture, $"{image} {line}\n")));

    private void Note(string path, string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{(DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds:0} {Environment.ProcessId} {text}\n");
        lock (gate)
        {
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1);
            stream.Write(Encoding.UTF8.GetBytes(line));
        }
    }
}

/// <summary>The settings of the builder <c>slow</c>.</summary>
public sealed record SlowConfig
{
    /// <summary>Full path of the folder for the file of events, <c>&lt;image&gt;.events</c>.</summary>
    [ConfigRequired]
    public string Events { get; init; } = "";

    /// <summary>Full path of a file; the build goes on when it is there.</summary>
    [ConfigRequired]
    public string Release { get; init; } = "";

    /// <summary>How long the work takes after the release.</summary>
    public TimeSpan WorkTime { get; init; }

    /// <summary>How long the clean-up takes.</summary>
    public TimeSpan CleanUpTime { get; init; } = TimeSpan.FromSeconds(1);
}
