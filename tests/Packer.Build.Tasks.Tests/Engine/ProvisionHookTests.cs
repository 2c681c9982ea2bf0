using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class ProvisionHookTests
{
    private static readonly IReadOnlyDictionary<string, object?> Data = new Dictionary<string, object?> { ["Host"] = "10.0.0.1" };

    private readonly TestUi ui = new();
    private readonly List<string> log = [];

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task ProvisionersRunInOrderUntilOneFails()
    {
        var steps = new[] { Step("a"), Step("b", (_, _) => throw new PackerException("TEST1", "b failed")), Step("c") };
        Assert.AreEqual("TEST1", (await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(Hooks.Provision, steps))).Code);
        CollectionAssert.AreEqual(new[] { "a", "b" }, log);
    }

    [TestMethod]
    public async Task EachHookNameRunsItsOwn()
    {
        var cleanup = Step("cleanup");
        await RunAsync(Hooks.CleanupProvision, [Step("a")], cleanup);
        await RunAsync("something else", [Step("a")], cleanup);
        await RunAsync(Hooks.CleanupProvision, [Step("a")]);
        CollectionAssert.AreEqual(new[] { "cleanup" }, log);
    }

    [TestMethod]
    public async Task BuildVariablesArrive()
    {
        object? host = null;
        await RunAsync(Hooks.Provision, [Step("a", (context, _) =>
        {
            host = context.Data["Host"];
            return Task.CompletedTask;
        })]);
        Assert.AreEqual("10.0.0.1", host);
    }

    [TestMethod]
    public async Task WithoutAConnectionNothingThatNeedsOneRuns()
    {
        var local = Step("local", needsCommunicator: false);
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(Hooks.Provision, [local, Step("shell")], connected: false));
        Assert.AreEqual(DiagnosticCodes.CommunicatorMissing, exception.Code);
        Assert.Contains("'shell'", exception.Message);
        Assert.IsEmpty(log);
        await RunAsync(Hooks.Provision, [local], connected: false);
        CollectionAssert.AreEqual(new[] { "local" }, log);
    }

    [TestMethod]
    public async Task TheLastOfManyErrorsIsReported()
    {
        var number = 0;
        var step = Step("a", (_, _) => throw new PackerException("TEST1", $"exit {++number}")) with { MaxRetries = 2 };
        Assert.AreEqual("exit 3", (await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(Hooks.Provision, [step]))).Message);
        Assert.Contains("exit 1 2 tries are left", ui.Text);
        Assert.Contains("exit 2 1 try is left", ui.Text);
        Assert.Contains("failed in each of 3 tries", ui.Text);
    }

    [TestMethod]
    public async Task ARetryMaySucceed()
    {
        var left = 1;
        await RunAsync(Hooks.Provision, [Step("a", (_, _) => left-- > 0 ? throw new IOException("lost") : Task.CompletedTask) with { MaxRetries = 3 }, Step("b")]);
        CollectionAssert.AreEqual(new[] { "a", "a", "b" }, log);
    }

    [TestMethod]
    public async Task ADefectIsNamedWithItsProvisioner()
    {
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(Hooks.Provision, [Step("a", (_, _) => throw new IOException("lost"))]));
        Assert.AreEqual(DiagnosticCodes.ProvisionerFailed, exception.Code);
        Assert.AreEqual("The provisioner 'a' failed: lost", exception.Message);
    }

    [TestMethod]
    public async Task TheTimeoutCountsAfterThePauseAndNamesItsLimit()
    {
        // With Packer a pause makes the time-out go away; and counted from before this pause it would be over at the start.
        var step = Step("a") with { PauseBefore = TimeSpan.FromMilliseconds(300), Timeout = TimeSpan.FromMilliseconds(200) };
        await RunAsync(Hooks.Provision, [step]);
        Assert.Contains("Pausing 0.3 s", ui.Text);

        step = Step("b", (_, token) => Task.Delay(Timeout.Infinite, token)) with { PauseBefore = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromMilliseconds(50), MaxRetries = 1 };
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(Hooks.Provision, [step]));
        Assert.AreEqual(DiagnosticCodes.ProvisionerTimedOut, exception.Code);
        Assert.Contains("'b' did not end within 0.05 s", exception.Message);
        CollectionAssert.AreEqual(new[] { "a", "b", "b" }, log);
    }

    [TestMethod]
    [DataRow("obeys")]
    [DataRow("fails")]
    [DataRow("ignores")]
    public async Task CancellationIsNeverRetriedOrSwallowed(string how)
    {
        using var cancel = new CancellationTokenSource();
        var step = Step("a", async (_, token) =>
        {
            await cancel.CancelAsync();
            if (how == "obeys") token.ThrowIfCancellationRequested();
            if (how == "fails") throw new PackerException("TEST1", "connection lost");
        }) with { MaxRetries = 5, Timeout = TimeSpan.FromMinutes(1) };
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(Hooks.Provision, [step, Step("b")], token: cancel.Token));
        CollectionAssert.AreEqual(new[] { "a" }, log);
    }

    [TestMethod]
    public async Task APauseCanBeCancelled()
    {
        using var cancel = new CancellationTokenSource();
        var running = RunAsync(Hooks.Provision, [Step("a") with { PauseBefore = TimeSpan.FromHours(1) }], token: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.IsEmpty(log);
    }

    private Task RunAsync(string name, ProvisionerStep[] steps, ProvisionerStep? cleanup = null, bool connected = true, CancellationToken? token = null) =>
        new ProvisionHook(steps, cleanup, () => TestBuild.Context(ui)).RunAsync(name, ui, connected ? new NoCommunicator() : null, Data, token ?? Token);

    private ProvisionerStep Step(string name, Func<ProvisionContext, CancellationToken, Task>? run = null, bool needsCommunicator = true) =>
        new(new TestProvisioner(name, log, run, needsCommunicator), name);

    private sealed class TestProvisioner(string name, List<string> log, Func<ProvisionContext, CancellationToken, Task>? run, bool needsCommunicator) : IProvisioner
    {
        public bool NeedsCommunicator => needsCommunicator;

        public PrepareResult Prepare(PrepareContext context) => throw new NotSupportedException();

        public async Task ProvisionAsync(ProvisionContext context, CancellationToken token)
        {
            log.Add(name);
            if (run is not null) await run(context, token);
        }
    }

    /// <summary>Stands for a connection; no provisioner of these tests uses it.</summary>
    private sealed class NoCommunicator : ICommunicator
    {
        public Task<int> RunAsync(RemoteCommand command, CancellationToken token) => throw new NotSupportedException();

        public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) => throw new NotSupportedException();

        public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadAsync(string path, Stream content, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();
    }
}
