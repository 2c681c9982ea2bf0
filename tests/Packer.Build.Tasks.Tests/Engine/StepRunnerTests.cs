namespace Packer.Tests.Engine;

[TestClass]
public sealed class StepRunnerTests
{
    private readonly List<string> log = [];

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task StepsRunAndCleanUpInReverse()
    {
        var ui = new TestUi();
        var runner = new StepRunner(TestBuild.Context(ui));
        await runner.RunAsync([Step("a"), null, Step("b")], Token);
        AssertLog("a", "b", "-b Succeeded", "-a Succeeded");
        CollectionAssert.AreEqual(new[] { "a", "b" }, runner.Timings.Select(timing => timing.Name).ToArray());
        Assert.IsTrue(runner.Timings.All(timing => timing.Outcome == StepOutcome.Succeeded && timing.Duration >= TimeSpan.Zero));
        Assert.IsTrue(runner.Timings[1].Start >= runner.Timings[0].Start + runner.Timings[0].Duration);
        Assert.Contains("Step 'a' took", ui.Text);
    }

    [TestMethod]
    public async Task TheFailingStepCleansUpTooAndTheRestDoesNotStart()
    {
        var error = new PackerException("TEST1", "no");
        var runner = new StepRunner(TestBuild.Context(new TestUi()));
        Assert.AreSame(error, await Assert.ThrowsExactlyAsync<PackerException>(() => runner.RunAsync([Step("a"), Step("b", _ => throw error), Step("c")], Token)));
        AssertLog("a", "b", "-b Failed", "-a Failed");
        Assert.AreEqual(StepOutcome.Failed, runner.Timings[^1].Outcome);
    }

    [TestMethod]
    public async Task ACleanUpThatFailsHidesNothing()
    {
        var ui = new TestUi();
        var runner = new StepRunner(TestBuild.Context(ui));
        var steps = new[] { Step("a"), Step("b", cleanup: _ => throw new IOException("disk on fire")), Step("c", _ => throw new InvalidOperationException("first")) };
        Assert.AreEqual("first", (await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => runner.RunAsync(steps, Token))).Message);
        AssertLog("a", "b", "c", "-c Failed", "-b Failed", "-a Failed");
        Assert.AreEqual("PKR0107 The clean-up of step 'b' failed, so something may be left behind: disk on fire", ui.Warnings.Single());
    }

    [TestMethod]
    public async Task CancelledBeforeAStepItDoesNotStart()
    {
        using var cancel = new CancellationTokenSource();
        var runner = new StepRunner(TestBuild.Context(new TestUi()));
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => runner.RunAsync([Step("a", _ => cancel.CancelAsync()), Step("b")], cancel.Token));
        AssertLog("a", "-a Cancelled");
        log.Clear();
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => runner.RunAsync([Step("a")], cancel.Token));
        AssertLog();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task CancelledInAStepTheCleanUpsRunToTheirEnd(bool obeys)
    {
        using var cancel = new CancellationTokenSource();
        var inCleanup = new TaskCompletionSource();
        var ui = new TestUi();
        var runner = new StepRunner(TestBuild.Context(ui));
        var running = runner.RunAsync([Step("a", cleanup: _ => inCleanup.Task), Step("b", async token =>
        {
            try
            {
                await cancel.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException) when (!obeys)
            {
                throw new IOException("The connection was cut.");
            }
        })], cancel.Token);
        await Eventually.IsTrueAsync(() => log.Contains("-a Cancelled"), "the last clean-up began");
        Assert.IsFalse(running.IsCompleted);
        inCleanup.SetResult();
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => running);
        AssertLog("a", "b", "-b Cancelled", "-a Cancelled");
        Assert.AreEqual(!obeys, ui.Text.Contains("The connection was cut.", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task InAHurryCleanUpsAreToldSo()
    {
        using var hurry = new CancellationTokenSource();
        var ui = new TestUi();
        var runner = new StepRunner(TestBuild.Context(ui, hurry: hurry.Token));
        var running = runner.RunAsync([Step("a"), Step("b", cleanup: token => Task.Delay(Timeout.Infinite, token))], Token);
        await hurry.CancelAsync();
        await running;
        AssertLog("a", "b", "-b Succeeded", "-a Succeeded");
        Assert.Contains("was cut short", ui.Warnings.Single());
    }

    [TestMethod]
    [DataRow(OnError.Abort)]
    [DataRow(OnError.RunCleanupProvisioner)]
    public async Task AfterAFailureThingsMayStayToBeLookedAt(OnError onError)
    {
        var ui = new TestUi();
        var runner = new StepRunner(TestBuild.Context(ui, onError));
        await Assert.ThrowsExactlyAsync<IOException>(() => runner.RunAsync([Step("a"), new ProvisionStep(log), Step("b", _ => throw new IOException())], Token));
        AssertLog(["a", "p", "b", .. onError == OnError.Abort ? Array.Empty<string>() : ["-p Failed"]]);
        Assert.Contains("Step 'a' is not cleaned up", ui.Text);

        log.Clear();
        await runner.RunAsync([Step("a"), new ProvisionStep(log)], Token);
        AssertLog("a", "p", "-p Succeeded", "-a Succeeded");
    }

    [TestMethod]
    public async Task ThePersonChoosesToCleanUpOrToAbort()
    {
        foreach (var (answers, cleansUp) in new[] { (new[] { "c" }, true), ([""], true), (["a"], false), (["what?", "A"], false) })
        {
            log.Clear();
            var ui = new TestUi(answers) { CanAsk = true };
            var runner = new StepRunner(TestBuild.Context(ui, OnError.Ask));
            await Assert.ThrowsExactlyAsync<IOException>(() => runner.RunAsync([Step("a"), Step("b", _ => throw new IOException("broken"))], Token));
            AssertLog(cleansUp ? ["a", "b", "-b Failed", "-a Failed"] : ["a", "b"]);
            Assert.Contains("Step 'b' failed: broken", ui.Text);
            Assert.HasCount(answers.Length, ui.Questions);
        }
    }

    [TestMethod]
    public async Task ThePersonChoosesToRunTheStepAgain()
    {
        var left = 2;
        var runner = new StepRunner(TestBuild.Context(new TestUi("r", "r") { CanAsk = true }, OnError.Ask));
        await runner.RunAsync([Step("a", _ => left-- > 0 ? throw new IOException() : Task.CompletedTask), Step("b")], Token);
        AssertLog("a", "a", "a", "b", "-b Succeeded", "-a Succeeded");
        CollectionAssert.AreEqual(new[] { StepOutcome.Failed, StepOutcome.Failed, StepOutcome.Succeeded, StepOutcome.Succeeded }, runner.Timings.Select(timing => timing.Outcome).ToArray());
    }

    [TestMethod]
    public async Task WithoutATerminalAskingCleansUp()
    {
        var ui = new TestUi();
        await Assert.ThrowsExactlyAsync<IOException>(() => new StepRunner(TestBuild.Context(ui, OnError.Ask)).RunAsync([Step("a", _ => throw new IOException())], Token));
        AssertLog("a", "-a Failed");
        Assert.Contains("There is no terminal to ask at", ui.Text);
    }

    [TestMethod]
    public async Task CancelledAtThePromptItCleansUp()
    {
        using var cancel = new CancellationTokenSource();
        var ui = new TestUi { CanAsk = true, Asked = (_, _) => cancel.CancelAsync() };
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => new StepRunner(TestBuild.Context(ui, OnError.Ask)).RunAsync([Step("a", _ => throw new IOException())], cancel.Token));
        AssertLog("a", "-a Cancelled");
    }

    [TestMethod]
    public async Task DebuggingPausesAfterEachRunAndBeforeEachCleanUp()
    {
        var ui = new TestUi { CanAsk = true, Asked = (question, _) =>
        {
            log.Add($"? {question[..question.IndexOf('.')]}");
            return Task.CompletedTask;
        } };
        await new StepRunner(TestBuild.Context(ui, debug: true)).RunAsync([Step("a"), Step("b")], Token);
        AssertLog("a", "? Pausing after run of 'a'", "b", "? Pausing after run of 'b'", "? Pausing before clean-up of 'b'", "-b Succeeded", "? Pausing before clean-up of 'a'", "-a Succeeded");
    }

    [TestMethod]
    public async Task CancelledInAPauseItPausesNoMore()
    {
        using var cancel = new CancellationTokenSource();
        var ui = new TestUi { CanAsk = true, Asked = (_, _) => cancel.CancelAsync() };
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => new StepRunner(TestBuild.Context(ui, debug: true)).RunAsync([Step("a"), Step("b")], cancel.Token));
        AssertLog("a", "-a Cancelled");
        Assert.HasCount(1, ui.Questions);
    }

    [TestMethod]
    public async Task DebuggingWithoutATerminalSaysOnceThatItDoesNotPause()
    {
        var ui = new TestUi();
        await new StepRunner(TestBuild.Context(ui, debug: true)).RunAsync([Step("a"), Step("b")], Token);
        Assert.HasCount(1, ui.Lines.Where(line => line.Contains("does not pause", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    public async Task ARunnerRunsOnceAtATime()
    {
        var gate = new TaskCompletionSource();
        var runner = new StepRunner(TestBuild.Context(new TestUi()));
        var running = runner.RunAsync([Step("a", _ => gate.Task)], Token);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => runner.RunAsync([Step("b")], Token));
        gate.SetResult();
        await running;
        AssertLog("a", "-a Succeeded");
    }

    private TestStep Step(string name, Func<CancellationToken, Task>? run = null, Func<CancellationToken, Task>? cleanup = null) => new(name, log, run, cleanup);

    private void AssertLog(params string[] expected) => CollectionAssert.AreEqual(expected, log);

    private class TestStep(string name, List<string> log, Func<CancellationToken, Task>? run = null, Func<CancellationToken, Task>? cleanup = null) : IStep
    {
        public string Name => name;

        public async Task RunAsync(CancellationToken token)
        {
            log.Add(name);
            if (run is not null) await run(token);
        }

        public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
        {
            log.Add($"-{name} {outcome}");
            if (cleanup is not null) await cleanup(hurry);
        }
    }

    private sealed class ProvisionStep(List<string> log) : TestStep("p", log), ICleanupProvisionStep;
}
