using Packer.Provisioners.Breakpoint;
using Packer.Provisioners.Sleep;
using Packer.Tests.Engine;

namespace Packer.Tests.Provisioners;

/// <summary><c>sleep</c> and <c>breakpoint</c>.</summary>
[TestClass]
public sealed class PauseTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task Sleep_waits_and_can_be_cancelled()
    {
        using var machine = new Provisioning();
        await machine.RunAsync(new SleepProvisioner(), new() { ["duration"] = "1ms" }, Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = machine.RunAsync(new SleepProvisioner(), new() { ["duration"] = "1h" }, cancel.Token);
        Assert.Contains("Sleeping for 1h.", machine.Ui.Text);
        Assert.IsFalse(running.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.AreEqual(DiagnosticCodes.RequiredKeyMissing, machine.Prepare(new SleepProvisioner(), []).Diagnostics.Single().Code);
    }

    [TestMethod]
    public async Task A_breakpoint_waits_for_the_person_at_the_terminal()
    {
        var release = new TaskCompletionSource();
        using var machine = new Provisioning { Ui = new TestUi { CanAsk = true, Asked = (_, token) => release.Task.WaitAsync(token) } };
        var running = machine.RunAsync(new BreakpointProvisioner(), new() { ["note"] = "look at nginx" }, Token);
        Assert.IsFalse(running.IsCompleted);
        release.SetResult();
        await running;
        Assert.Contains("Breakpoint 'look at nginx' of the image 'web'. Press Enter", machine.Ui.Questions.Single());
    }

    [TestMethod]
    public async Task A_breakpoint_can_be_cancelled()
    {
        using var machine = new Provisioning { Ui = new TestUi { CanAsk = true, Asked = (_, token) => Task.Delay(Timeout.Infinite, token) } };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = machine.RunAsync(new BreakpointProvisioner(), [], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
    }

    [TestMethod]
    public async Task Without_a_terminal_a_breakpoint_is_an_error_unless_it_is_disabled()
    {
        using var machine = new Provisioning();
        var failure = await machine.FailAsync(new BreakpointProvisioner(), new() { ["note"] = "here" }, Token);
        Assert.AreEqual(DiagnosticCodes.NoTerminal, failure.Code);
        Assert.Contains("'here'", failure.Message);
        await machine.RunAsync(new BreakpointProvisioner(), new() { ["disable"] = true }, Token);
        Assert.Contains("is disabled", machine.Ui.Text);
    }
}
