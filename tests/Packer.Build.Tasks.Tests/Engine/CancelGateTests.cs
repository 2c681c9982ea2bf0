using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class CancelGateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancelGate gate = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public void A_cancel_before_the_start_returns_at_once_and_nothing_starts_after_it()
    {
        gate.Cancel();
        gate.Cancel();

        Assert.IsTrue(gate.IsStopping);
        Assert.IsTrue(gate.Token.IsCancellationRequested);
        Assert.IsFalse(gate.TryEnter());
    }

    [TestMethod]
    public async Task A_cancel_waits_for_the_end_of_what_runs()
    {
        Assert.IsTrue(gate.TryEnter());
        var cancelling = Task.Run(gate.Cancel, Token);
        await Eventually.IsTrueAsync(() => gate.Token.IsCancellationRequested, "the token was cancelled");
        Assert.IsFalse(cancelling.IsCompleted);

        gate.Exit();

        await cancelling.WaitAsync(Patience, Token);
        Assert.IsFalse(gate.TryEnter());
    }

    [TestMethod]
    public async Task A_cancel_waits_for_the_outermost_of_nested_runs_and_lets_them_nest_while_it_waits()
    {
        Assert.IsTrue(gate.TryEnter());
        var cancelling = Task.Run(gate.Cancel, Token);
        await Eventually.IsTrueAsync(() => gate.IsStopping, "the cancel came");
        // The clean-up of a run may use what enters the gate again.
        Assert.IsTrue(gate.TryEnter());
        gate.Exit();
        Assert.IsFalse(cancelling.IsCompleted);

        gate.Exit();

        await cancelling.WaitAsync(Patience, Token);
    }

    [TestMethod]
    public void After_the_end_a_cancel_returns_at_once()
    {
        Assert.IsTrue(gate.TryEnter());
        gate.Exit();
        gate.Cancel();
        Assert.IsFalse(gate.TryEnter());
    }

    [TestMethod]
    public async Task Thousands_of_cancels_at_once_signal_once_and_all_return()
    {
        Assert.IsTrue(gate.TryEnter());
        var signals = 0;
        gate.Token.Register(() => Interlocked.Increment(ref signals));
        var returned = 0;
        // Threads of its own: what a busy pool does is another test's.
        var callers = Enumerable.Range(0, 32).Select(_ => new Thread(() =>
        {
            for (var call = 0; call < 200; call++) gate.Cancel();
            Interlocked.Increment(ref returned);
        }) { IsBackground = true }).ToList();
        callers.ForEach(caller => caller.Start());
        await Eventually.IsTrueAsync(() => gate.IsStopping, "a cancel came");
        Assert.AreEqual(0, Volatile.Read(ref returned));

        gate.Exit();

        await Eventually.IsTrueAsync(() => Volatile.Read(ref returned) == callers.Count, "all callers returned");
        Assert.AreEqual(1, signals);
    }

    [TestMethod]
    public void Millions_of_cancels_after_the_end_cost_next_to_nothing()
    {
        gate.Cancel();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 2_000_000; call++) gate.Cancel();
        Assert.IsLessThan(1 << 16, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public async Task A_start_and_a_cancel_at_the_same_moment_never_miss_each_other()
    {
        for (var round = 0; round < 2000; round++)
        {
            var raced = new CancelGate();
            var ended = 0;
            using var barrier = new Barrier(2);
            var run = Task.Run(() =>
            {
                barrier.SignalAndWait(Token);
                if (!raced.TryEnter()) return false;
                raced.Token.WaitHandle.WaitOne();
                Volatile.Write(ref ended, 1);
                raced.Exit();
                return true;
            }, Token);
            barrier.SignalAndWait(Token);
            raced.Cancel();
            var before = Volatile.Read(ref ended);
            var ran = await run.WaitAsync(Patience, Token);
            // A cancel that came in time to stop the start returns at once; one that came after it has seen the end.
            Assert.AreEqual(ran ? 1 : 0, before);
        }
    }

    [TestMethod]
    public async Task A_cancel_from_a_callback_of_the_token_does_not_wait_for_itself()
    {
        Assert.IsTrue(gate.TryEnter());
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Callbacks run last one first: this one waits behind the next.
        gate.Token.Register(other.SetResult);
        gate.Token.Register(gate.Cancel);
        var run = Task.Run(async () =>
        {
            await other.Task;
            gate.Exit();
        }, Token);

        await Task.Run(gate.Cancel, Token).WaitAsync(Patience, Token);

        await run;
    }

    [TestMethod]
    public async Task A_callback_that_throws_neither_ends_the_caller_nor_the_waiting()
    {
        Assert.IsTrue(gate.TryEnter());
        var called = false;
        gate.Token.Register(() => called = true);
        gate.Token.Register(() => throw new InvalidOperationException("A builder's own."));
        var cancelling = Task.Run(gate.Cancel, Token);
        await Eventually.IsTrueAsync(() => gate.Token.IsCancellationRequested && called, "all callbacks ran");
        Assert.IsFalse(cancelling.IsCompleted);

        gate.Exit();

        await cancelling.WaitAsync(Patience, Token);
    }

    /// <summary>Each waiting cancel takes a thread of the pool, on which the clean-ups that it waits for run, too.</summary>
    [TestMethod]
    public async Task Many_cancels_on_the_pool_do_not_starve_the_clean_ups()
    {
        var gates = Enumerable.Range(0, 12).Select(_ => new CancelGate()).ToList();
        var runs = gates.Select(async own =>
        {
            Assert.IsTrue(own.TryEnter());
            try
            {
                await Task.Delay(Timeout.Infinite, own.Token);
            }
            catch (OperationCanceledException)
            {
                for (var step = 0; step < 20; step++) await Task.Yield();
            }
            finally
            {
                own.Exit();
            }
        }).ToList();
        var cancels = gates.Select(own => Task.Run(own.Cancel, Token)).ToList();
        await Task.WhenAll([.. runs, .. cancels]).WaitAsync(Patience, Token);
    }
}
