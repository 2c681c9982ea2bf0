using Packer.Engine.Reports;
using Packer.Tests.Engine;

namespace Packer.Tests.Reports;

[TestClass]
public sealed class BuildRecorderTests
{
    [TestMethod]
    public async Task The_time_line_has_no_gaps_and_adds_up_to_the_whole()
    {
        var recorder = new BuildRecorder();
        await recorder.RunAsync("builder", StepKinds.Builder, async () =>
        {
            Busy();
            await new StepRunner(Context(recorder)).RunAsync([new TestStep("first", Busy), new TestStep("second", Busy)], CancellationToken.None);
            Busy();
        }, CancellationToken.None);
        Busy();

        var (steps, milliseconds) = recorder.Finish();

        Assert.AreEqual(milliseconds, steps.Sum(step => step.DurationMs));
        var end = 0L;
        foreach (var step in steps)
        {
            Assert.AreEqual(end, step.StartMs, step.Name);
            end += step.DurationMs;
        }
        Assert.AreEqual("builder first second Clean up: second Clean up: first builder Other work", string.Join(' ', steps.SkipWhile(step => step.Name == "Other work").Select(step => step.Name)));
    }

    [TestMethod]
    public async Task A_step_that_took_no_time_is_listed_and_one_of_the_engine_is_not()
    {
        var recorder = new BuildRecorder();
        for (var index = 0; index < 100; index++) recorder.Begin("nothing", StepKinds.Engine).Dispose();
        await new StepRunner(Context(recorder)).RunAsync([new TestStep("quick", () => { })], CancellationToken.None);
        var (steps, milliseconds) = recorder.Finish();
        Assert.AreEqual(1, steps.Count(step => step.Name == "quick"));
        Assert.AreEqual(milliseconds, steps.Sum(step => step.DurationMs));
        Assert.IsLessThan(100, steps.Count);
    }

    [TestMethod]
    public async Task How_an_entry_ended_is_noted()
    {
        var recorder = new BuildRecorder();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsExactlyAsync<PackerException>(() => recorder.RunAsync("broken", StepKinds.Provisioner, () => throw new PackerException("PKR0001", "x"), CancellationToken.None));
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => recorder.RunAsync("stopped", StepKinds.Provisioner, () => throw new OperationCanceledException(), stop.Token));
        Assert.AreEqual("broken failed, stopped cancelled", string.Join(", ", recorder.Finish().Steps.Where(step => step.Kind == StepKinds.Provisioner).Select(step => $"{step.Name} {step.Outcome}")));
    }

    private static BuildContext Context(BuildRecorder recorder) => new()
    {
        Image = "web", RunId = "1", BuilderType = "test", Ui = new TestUi(), Hook = null!, Cache = null!, OutputDirectory = "/nowhere", ProjectDirectory = "/nowhere", TemporaryDirectory = "/nowhere",
        LogDirectory = "/nowhere", Processes = null!, Secrets = new SecretRedactor(), Recorder = recorder,
    };

    // As long as a clock of milliseconds sees.
    private static void Busy()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 3) Thread.SpinWait(100);
    }

    private sealed class TestStep(string name, Action work) : IStep
    {
        public string Name => name;

        public Task RunAsync(CancellationToken token)
        {
            work();
            return Task.CompletedTask;
        }

        public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
        {
            work();
            return Task.CompletedTask;
        }
    }
}
