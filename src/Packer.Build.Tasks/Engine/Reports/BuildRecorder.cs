namespace Packer.Engine.Reports;

/// <summary>
/// Notes what a build does when. Every moment from its making on belongs to exactly one entry, the last one begun of those that run, so that the times add up
/// to the whole. May be called from any thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class BuildRecorder(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly long begun = time.GetTimestamp();
    private readonly Span root = new(null, "Other work", StepKinds.Engine);
    private readonly List<Span> running = [];
    private readonly List<Segment> segments = [];
    private readonly List<ReportMessage> warnings = [];
    private readonly List<string> reused = [];
    private long last;

    /// <summary>Notes by the clock of the system.</summary>
    public BuildRecorder()
        : this(TimeProvider.System)
    {
    }

    /// <summary>The warnings so far.</summary>
    public IReadOnlyList<ReportMessage> Warnings
    {
        get { lock (gate) return [.. warnings]; }
    }

    /// <summary>What was used again so far.</summary>
    public IReadOnlyList<string> Reused
    {
        get { lock (gate) return [.. reused]; }
    }

    /// <summary>Notes a warning.</summary>
    public void Warn(string code, string message)
    {
        lock (gate) warnings.Add(new ReportMessage(code, message));
    }

    /// <summary>Notes that something of an earlier build was used again.</summary>
    /// <param name="what">As in "the checkpoint after shell".</param>
    public void Reuse(string what)
    {
        lock (gate) reused.Add(what);
    }

    /// <summary>Begins an entry; disposing it ends it.</summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="kind">One of <see cref="StepKinds"/>.</param>
    public Span Begin(string name, string kind)
    {
        var span = new Span(this, name, kind);
        lock (gate)
        {
            Close();
            running.Add(span);
        }
        return span;
    }

    /// <summary>Runs work as an entry.</summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="kind">One of <see cref="StepKinds"/>.</param>
    /// <param name="work">The work.</param>
    /// <param name="token">Tells a cancellation from a failure.</param>
    public async Task<T> RunAsync<T>(string name, string kind, Func<Task<T>> work, CancellationToken token)
    {
        using var span = Begin(name, kind);
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch
        {
            span.Outcome = token.IsCancellationRequested ? StepOutcome.Cancelled : StepOutcome.Failed;
            throw;
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string name, string kind, Func<Task> work, CancellationToken token) => RunAsync(name, kind, async () =>
    {
        await work().ConfigureAwait(false);
        return true;
    }, token);

    /// <summary>The time line so far, without gaps, and its length in milliseconds: the sum of the durations.</summary>
    public (IReadOnlyList<ReportStep> Steps, long Milliseconds) Finish()
    {
        lock (gate)
        {
            Close();
            var steps = new List<(Span Span, ReportStep Step)>();
            foreach (var segment in segments)
            {
                var isNew = !steps.Exists(other => other.Span == segment.Span) && segments.TrueForAll(other => other.Span != segment.Span || other.End == other.Start);
                if (segment.End == segment.Start && !(isNew && StepKinds.IsAlwaysListed(segment.Span.Kind))) continue;
                if (steps.Count > 0 && steps[^1].Span == segment.Span) steps[^1] = (segment.Span, steps[^1].Step with { DurationMs = segment.End - steps[^1].Step.StartMs });
                else steps.Add((segment.Span, new ReportStep(segment.Span.Name, segment.Span.Kind, segment.Start, segment.End - segment.Start, ReportOutcomes.Of(segment.Span.Outcome))));
            }
            return ([.. steps.Select(step => step.Step)], last);
        }
    }

    private void End(Span span)
    {
        lock (gate)
        {
            Close();
            running.Remove(span);
        }
    }

    /// <summary>Gives the time since the last change to what ran.</summary>
    private void Close()
    {
        var now = (long)time.GetElapsedTime(begun).TotalMilliseconds;
        segments.Add(new Segment(running.Count > 0 ? running[^1] : root, last, now));
        last = now;
    }

    /// <summary>An entry.</summary>
    internal sealed class Span(BuildRecorder? recorder, string name, string kind) : IDisposable
    {
        public string Name => name;

        public string Kind => kind;

        public StepOutcome Outcome { get; set; }

        public void Dispose() => recorder?.End(this);
    }

    private sealed record Segment(Span Span, long Start, long End);
}
