using Packer.Engine.Reports;
using Packer.Tests.Engine;

namespace Packer.Tests.Reports;

[TestClass]
public sealed class BuildRecorderTests
{
    private readonly ManualTime time = new();

    [TestMethod]
    public async Task The_time_line_has_no_gaps_and_adds_up_to_the_whole()
    {
        var recorder = new BuildRecorder(time);
        time.Advance(5);
        await recorder.RunAsync("builder", StepKinds.Builder, async () =>
        {
            time.Advance(10);
            await new StepRunner(Context(recorder)).RunAsync([new TestStep("first", () => time.Advance(20)), new TestStep("second", () => time.Advance(30.6))], CancellationToken.None);
            time.Advance(0.6);
        }, CancellationToken.None);
        time.Advance(7);

        var (steps, milliseconds) = recorder.Finish();

        Assert.AreEqual("0 Other work 5, 5 builder 10, 15 first 20, 35 second 30, 65 Clean up: second 31, 96 Clean up: first 20, 116 Other work 7", string.Join(", ", steps.Select(step => $"{step.StartMs} {step.Name} {step.DurationMs}")));
        Assert.AreEqual(123, milliseconds);
        Assert.AreEqual(milliseconds, steps.Sum(step => step.DurationMs));
    }

    [TestMethod]
    public async Task What_goes_on_after_another_one_has_a_line_for_each_part()
    {
        var recorder = new BuildRecorder(time);
        using (recorder.Begin("outer", StepKinds.Builder))
        {
            time.Advance(1);
            await recorder.RunAsync("inner", StepKinds.Provisioner, () => Task.CompletedTask, CancellationToken.None);
            time.Advance(2);
            using (recorder.Begin("longer", StepKinds.Provisioner)) time.Advance(3);
            time.Advance(4);
        }
        Assert.AreEqual("outer 1, inner 0, outer 2, longer 3, outer 4", string.Join(", ", recorder.Finish().Steps.Select(step => $"{step.Name} {step.DurationMs}")));
    }

    [TestMethod]
    public async Task A_step_that_took_no_time_is_listed_and_one_of_the_engine_is_not()
    {
        var recorder = new BuildRecorder(time);
        for (var index = 0; index < 100; index++) recorder.Begin("nothing", StepKinds.Engine).Dispose();
        await new StepRunner(Context(recorder)).RunAsync([new TestStep("quick", () => { })], CancellationToken.None);
        Assert.AreEqual("quick", recorder.Finish().Steps.Single().Name);
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

    /// <summary>A clock that goes when it is told to.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long microseconds;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => microseconds;

        public void Advance(double milliseconds) => microseconds += (long)(milliseconds * 1000);
    }
}
