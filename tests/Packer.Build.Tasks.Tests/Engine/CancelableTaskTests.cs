namespace Packer.Tests.Engine;

[TestClass]
public sealed class CancelableTaskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LoggingEngine engine = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public void A_task_that_is_cancelled_first_does_not_run()
    {
        var task = new ScriptedTask(_ => throw new InvalidOperationException("It ran.")) { BuildEngine = engine };
        task.Cancel();
        Assert.IsFalse(task.Execute());
        Assert.IsEmpty(engine.Errors);
    }

    [TestMethod]
    public async Task A_cancel_reaches_the_token_and_returns_after_the_clean_up()
    {
        var cleaned = false;
        var task = new ScriptedTask(async token =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                for (var step = 0; step < 50; step++) await Task.Yield();
                Volatile.Write(ref cleaned, true);
            }
            return true;
        }) { BuildEngine = engine };
        var executing = Task.Run(task.Execute, Token);
        await task.Started.WaitAsync(Patience, Token);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            task.Cancel();
            Assert.IsTrue(Volatile.Read(ref cleaned));
        }, Token))).WaitAsync(Patience, Token);

        await executing;
    }

    /// <summary>As a task host does: its one thread calls Cancel again and again, and all that the engine still does is to take log messages.</summary>
    [TestMethod]
    public async Task A_clean_up_that_logs_is_not_held_up_by_cancels_in_a_loop()
    {
        ScriptedTask task = null!;
        task = new ScriptedTask(async token =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                for (var line = 0; line < 1000; line++)
                {
                    task.Log.LogMessage("Cleaning up.");
                    await Task.Yield();
                }
                task.Log.LogError("Cancelled.");
            }
            return false;
        }) { BuildEngine = engine };
        var executing = Task.Run(task.Execute, Token);
        await task.Started.WaitAsync(Patience, Token);
        var ended = false;
        var host = new Thread(() =>
        {
            while (!Volatile.Read(ref ended)) task.Cancel();
        }) { IsBackground = true };
        host.Start();

        Assert.IsFalse(await executing.WaitAsync(Patience, Token));

        Volatile.Write(ref ended, true);
        Assert.HasCount(1000, engine.Messages);
        Assert.HasCount(1, engine.Errors);
    }

    [TestMethod]
    public async Task A_task_that_ends_by_its_cancellation_says_so()
    {
        var task = new ScriptedTask(async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return true;
        }) { BuildEngine = engine };
        var executing = Task.Run(task.Execute, Token);
        await task.Started.WaitAsync(Patience, Token);

        task.Cancel();

        Assert.IsFalse(await executing.WaitAsync(Patience, Token));
        Assert.AreEqual(DiagnosticCodes.BuildCancelled, engine.Errors.Single().Code);
    }

    [TestMethod]
    public void A_cancellation_that_nobody_asked_for_is_a_failure()
    {
        var task = new ScriptedTask(_ => throw new OperationCanceledException("A time-out of the builder's own.")) { BuildEngine = engine };
        Assert.ThrowsExactly<OperationCanceledException>(() => task.Execute());
    }

    [TestMethod]
    public async Task Tasks_side_by_side_in_one_process_are_cancelled_each_on_its_own()
    {
        var first = new ScriptedTask(token => Task.Delay(Timeout.Infinite, token).ContinueWith(_ => false, TaskScheduler.Default)) { BuildEngine = engine };
        using var release = new CancellationTokenSource();
        var second = new ScriptedTask(async token =>
        {
            await Task.Delay(Timeout.Infinite, release.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return !token.IsCancellationRequested;
        }) { BuildEngine = engine };
        var executing = new[] { Task.Run(first.Execute, Token), Task.Run(second.Execute, Token) };
        await Task.WhenAll(first.Started, second.Started).WaitAsync(Patience, Token);

        first.Cancel();
        await release.CancelAsync();

        Assert.IsFalse(await executing[0].WaitAsync(Patience, Token));
        Assert.IsTrue(await executing[1].WaitAsync(Patience, Token));
    }

    /// <summary>A task whose work is given.</summary>
    private sealed class ScriptedTask(Func<CancellationToken, Task<bool>> work) : CancelableTask
    {
        private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => started.Task;

        private protected override Task<bool> ExecuteAsync(CancellationToken token)
        {
            started.TrySetResult();
            return work(token);
        }
    }
}
