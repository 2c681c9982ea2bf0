using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ProcessRunnerTests
{
    private static readonly ProcessRunnerOptions Patient = new() { TerminationGrace = TimeSpan.FromSeconds(30), OutputGrace = TimeSpan.FromSeconds(30) };
    private static readonly ProcessRunnerOptions Impatient = new() { TerminationGrace = TimeSpan.FromMilliseconds(200), OutputGrace = TimeSpan.FromMilliseconds(200) };

    private readonly ConcurrentQueue<string> output = [];
    private readonly ConcurrentQueue<string> errors = [];
    private TemporaryDirectory folder = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    private string LedgerPath => Path.Combine(folder.FullPath, "obj", "web.processes");

    [TestInitialize]
    public void Initialize() => folder = TemporaryDirectory.Create();

    [TestCleanup]
    public async Task CleanUp() => await folder.DisposeAsync();

    [TestMethod]
    public async Task OutputAndExitCodeAreGiven()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        await using var process = runner.Start(Shell("pwd; echo \"$1|$NEW|${HOME-none}\"; echo wrong >&2; printf last; read line; exit 7", "an 'argument' $x") with
        {
            Environment = new Dictionary<string, string?> { ["NEW"] = "value", ["HOME"] = null },
        });
        Assert.AreEqual(7, await process.WaitAsync(Token));
        Assert.IsTrue(process.HasExited);
        CollectionAssert.AreEqual(new[] { folder.FullPath, "an 'argument' $x|value|none", "last" }, output.ToArray());
        CollectionAssert.AreEqual(new[] { "wrong" }, errors.ToArray());
    }

    [TestMethod]
    public async Task AFloodOfOutputIsWhole()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        var characters = 0L;
        await using var process = runner.Start(Shell("head -c 10485760 /dev/zero | tr '\\0' x | fold -w 1023; head -c 2097152 /dev/zero | tr '\\0' y >&2") with
        {
            Output = line => characters += line.Length,
            Error = line => characters += line.Length,
        });
        Assert.AreEqual(0, await process.WaitAsync(Token));
        Assert.AreEqual(12 << 20, characters);
    }

    [TestMethod]
    public async Task OutputComesWhileTheProgramRuns()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        await using var process = runner.Start(Shell("echo ready; exec sleep 1000"));
        await Eventually.IsTrueAsync(() => output.Contains("ready"), "the line came");
        Assert.IsFalse(process.HasExited);
    }

    [TestMethod]
    public async Task ATerminalsInterruptAndEndDoNotReachTheProgram()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        await using var process = runner.Start(new ProcessStart("cat", ["/proc/self/status"]) { WorkingDirectory = folder.FullPath, Output = output.Enqueue });
        Assert.AreEqual(0, await process.WaitAsync(Token));
        var ignored = Convert.ToUInt64(output.Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..].Trim(), 16);
        const ulong hangUpAndInterrupt = 1 << (1 - 1) | 1 << (2 - 1);
        Assert.AreEqual(hangUpAndInterrupt, ignored & hangUpAndInterrupt);
        Assert.Contains("Name:\tcat", output.First());
    }

    [TestMethod]
    [DataRow("no-such-program-at-all", "was not found")]
    [DataRow("./relative", "was not found")]
    [DataRow("/etc/passwd", "may not be run")]
    public async Task AProgramThatIsNotThereIsOurError(string name, string expected)
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        var exception = Assert.ThrowsExactly<PackerException>(() => runner.Start(new ProcessStart(name, []) { WorkingDirectory = folder.FullPath }));
        Assert.AreEqual(DiagnosticCodes.ProgramDoesNotStart, exception.Code);
        Assert.Contains($"'{name}'", exception.Message);
        Assert.Contains(expected, exception.Message);
        exception = Assert.ThrowsExactly<PackerException>(() => runner.Start(new ProcessStart("sh", []) { WorkingDirectory = "/no/such/folder" }));
        Assert.Contains("'/no/such/folder' does not exist", exception.Message);
        Assert.IsFalse(File.Exists(LedgerPath));
    }

    [TestMethod]
    public async Task CancellingEndsTheWholeTreeAlsoWhatWasCutOff()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        using var cancel = new CancellationTokenSource();
        // A child, a grandchild whose parent ends at once, and one in a session of its own.
        var process = runner.Start(Shell("sleep 1000 & echo $!; (sleep 1000 & echo $!); setsid sh -c 'sleep 1000 & echo $!; wait' & wait"));
        await Eventually.IsTrueAsync(() => output.Count == 3, "all children said their ids");
        var ids = output.Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Append(process.Id).ToList();
        Assert.IsTrue(ids.All(id => ProcessTable.Find(id) is not null));
        var waiting = process.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        Assert.IsTrue(ids.All(id => ProcessTable.Find(id) is null));
        await process.DisposeAsync();
        Assert.IsFalse(File.Exists(LedgerPath));
    }

    [TestMethod]
    public async Task AProgramMayEndInGoodOrder()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        var process = runner.Start(Shell("trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.01; done"));
        await Eventually.IsTrueAsync(() => output.Contains("ready"), "it was ready");
        await process.DisposeAsync();
        CollectionAssert.AreEqual(new[] { "ready", "cleaned" }, output.ToArray());
        Assert.AreEqual(0, await process.WaitAsync(Token));
    }

    [TestMethod]
    public async Task AStubbornProgramIsEndedByForce()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Impatient);
        var process = runner.Start(Shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
        await Eventually.IsTrueAsync(() => output.Contains("ready"), "it was ready");
        await process.DisposeAsync();
        Assert.AreEqual(128 + 9, await process.WaitAsync(Token));
    }

    [TestMethod]
    public async Task InAHurryNothingIsWaitedFor()
    {
        using var hurry = new CancellationTokenSource();
        await using var runner = new ProcessRunner(LedgerPath, hurry.Token, Patient);
        var process = runner.Start(Shell("trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"));
        await Eventually.IsTrueAsync(() => output.Contains("ready"), "it was ready");
        var clock = Stopwatch.StartNew();
        var disposing = process.DisposeAsync();
        await Eventually.IsTrueAsync(() => output.Contains("asked"), "it was asked to end");
        Assert.IsFalse(process.HasExited);
        await hurry.CancelAsync();
        await disposing;
        Assert.IsLessThan(Patient.TerminationGrace, clock.Elapsed);
        Assert.AreEqual(128 + 9, await process.WaitAsync(Token));
    }

    [TestMethod]
    public async Task AStoppedProgramIsEnded()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        var process = runner.Start(Shell("echo ready; kill -STOP $$; echo went on"));
        await Eventually.IsTrueAsync(() => File.ReadAllText($"/proc/{process.Id}/stat").Contains(") T ", StringComparison.Ordinal), "it stopped");
        await process.DisposeAsync();
        Assert.AreEqual(128 + 15, await process.WaitAsync(Token));
    }

    [TestMethod]
    public async Task AGrandchildThatHoldsTheOutputDoesNotHang()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Impatient);
        await using var process = runner.Start(Shell("(setsid sleep 1000 & echo $!); exit 3"));
        Assert.AreEqual(3, await process.WaitAsync(Token));
        Assert.IsNull(ProcessTable.Find(int.Parse(output.Single(), CultureInfo.InvariantCulture)));
    }

    [TestMethod]
    public async Task AGrandchildThatEndsInTimeIsHeardToItsEnd()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        await using var process = runner.Start(Shell("(sh -c 'sleep 0.2; echo late' &); echo early"));
        Assert.AreEqual(0, await process.WaitAsync(Token));
        CollectionAssert.AreEqual(new[] { "early", "late" }, output.ToArray());
    }

    [TestMethod]
    public async Task AReceiverThatFailsIsReported()
    {
        await using var runner = new ProcessRunner(LedgerPath, options: Patient);
        await using var process = runner.Start(Shell("echo x; head -c 1000000 /dev/zero; exit 0") with { Output = _ => throw new FormatException("bad") });
        var exception = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => process.WaitAsync(Token));
        Assert.IsInstanceOfType<FormatException>(exception.InnerException);
    }

    [TestMethod]
    public async Task DisposingTheRunnerEndsAll()
    {
        var runner = new ProcessRunner(LedgerPath, options: Patient);
        var processes = Enumerable.Range(0, 3).Select(_ => runner.Start(Shell("exec sleep 1000"))).ToList();
        Assert.HasCount(6, (await File.ReadAllLinesAsync(LedgerPath, Token)).Where(line => line.Length > 0).ToList());
        await runner.DisposeAsync();
        Assert.IsTrue(processes.All(process => ProcessTable.Find(process.Id) is null));
        Assert.IsFalse(File.Exists(LedgerPath));
        Assert.ThrowsExactly<ObjectDisposedException>(() => runner.Start(Shell("exit")));
    }

    private ProcessStart Shell(string script, params string[] arguments) =>
        new("sh", ["-c", script, "sh", .. arguments]) { WorkingDirectory = folder.FullPath, Output = output.Enqueue, Error = errors.Enqueue };
}
