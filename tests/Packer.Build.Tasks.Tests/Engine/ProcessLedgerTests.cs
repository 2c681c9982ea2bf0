using System.Diagnostics;
using System.Globalization;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ProcessLedgerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly List<Process> started = [];
    private TemporaryDirectory folder = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    private string LedgerPath => Path.Combine(folder.FullPath, "web.processes");

    [TestInitialize]
    public void Initialize() => folder = TemporaryDirectory.Create();

    [TestCleanup]
    public async Task CleanUp()
    {
        foreach (var process in started)
        {
            process.Kill();
            process.Dispose();
        }
        await folder.DisposeAsync();
    }

    [TestMethod]
    public async Task WhatADeadOwnerLeftIsEnded()
    {
        var owner = DeadOwner();
        var (byId, byMark, other) = (Mark(), Mark(), Mark());
        var known = Start(byId);
        var announced = Start(byMark);
        var stranger = Start(other);
        Write(Line(Identity(known), byId, owner), $"0 - {byMark} {owner.Id} {owner.StartTime}");
        Assert.AreEqual(2, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        await known.WaitForExitAsync(Token);
        await announced.WaitForExitAsync(Token);
        Assert.IsFalse(stranger.HasExited);
        Assert.IsFalse(File.Exists(LedgerPath));
        Assert.AreEqual(0, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
    }

    [TestMethod]
    public async Task ATreeWhoseFirstProcessEndedIsFoundByItsMark()
    {
        var owner = DeadOwner();
        var mark = Mark();
        var first = Start(mark, "setsid sleep 1000 & echo $!", read: true);
        var id = int.Parse((await first.StandardOutput.ReadLineAsync(Token))!, CultureInfo.InvariantCulture);
        await first.WaitForExitAsync(Token);
        Write(Line(new ProcessIdentity(first.Id, "gone"), mark, owner));
        Assert.AreEqual(1, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        Assert.IsNull(ProcessTable.Find(id));
    }

    [TestMethod]
    public async Task AnotherProcessWithTheSameIdIsLeftAlone()
    {
        var owner = DeadOwner();
        var innocent = Start(Mark());
        Write(Line(Identity(innocent) with { StartTime = Identity(innocent).StartTime + "0" }, Mark(), owner));
        Assert.AreEqual(0, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        Assert.IsFalse(innocent.HasExited);
        Assert.IsFalse(File.Exists(LedgerPath));
    }

    [TestMethod]
    public async Task WhatALivingOwnerRunsIsLeftAlone()
    {
        var owner = Identity(Start(Mark()));
        var mark = Mark();
        var process = Start(mark);
        var dead = DeadOwner();
        Write(Line(Identity(process), mark, owner), Line(new ProcessIdentity(1_000_000_000, "x"), Mark(), dead));
        Assert.AreEqual(0, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        Assert.IsFalse(process.HasExited);
        CollectionAssert.AreEqual(new[] { Line(Identity(process), mark, owner) }, await File.ReadAllLinesAsync(LedgerPath, Token));
    }

    [TestMethod]
    public async Task AnOwnerWhoseIdIsReusedIsDead()
    {
        var owner = Identity(Start(Mark())) with { StartTime = "other-boot:1" };
        var mark = Mark();
        var process = Start(mark);
        Write(Line(Identity(process), mark, owner));
        Assert.AreEqual(1, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        await process.WaitForExitAsync(Token);
    }

    [TestMethod]
    public async Task DamagedLinesAreSurvived()
    {
        var owner = DeadOwner();
        var mark = Mark();
        var process = Start(mark);
        var innocent = Start(Mark());
        var half = Line(Identity(innocent), mark, owner)[..^(owner.StartTime.Length + 1)];
        Write("", "garbage", $"{innocent.Id}", $"{innocent.Id} {Identity(innocent).StartTime}  {owner.Id} {owner.StartTime}", $"x - {mark} 1 2", half, "\0\0\0", Line(Identity(process), mark, owner));
        Assert.AreEqual(1, await ProcessLedger.ReapAsync(LedgerPath, Token, Grace));
        await process.WaitForExitAsync(Token);
        Assert.IsFalse(innocent.HasExited);
        Assert.IsFalse(File.Exists(LedgerPath));
    }

    [TestMethod]
    public async Task ALineThatFollowsAHalfWrittenOneCounts()
    {
        await File.WriteAllTextAsync(LedgerPath, "123 abc", Token);
        var ledger = new ProcessLedger(LedgerPath);
        var (first, second) = (Mark(), Mark());
        ledger.Announce(first);
        ledger.Announce(second);
        ledger.Remove(first);
        Assert.Contains(second, (await File.ReadAllLinesAsync(LedgerPath, Token)).Single());
        ledger.Remove(second);
        Assert.IsFalse(File.Exists(LedgerPath));
    }

    [TestMethod]
    public async Task ARunnersLinesAreWhatTheNextBuildNeeds()
    {
        // The ledger as a killed build leaves it: written by a real runner, with the owner replaced by a dead one.
        await using var runner = new ProcessRunner(LedgerPath);
        var process = runner.Start(new ProcessStart("sleep", ["1000"]) { WorkingDirectory = folder.FullPath });
        var self = ProcessTable.Find(Environment.ProcessId)!.Value;
        var dead = DeadOwner();
        var left = Path.Combine(folder.FullPath, "left.processes");
        await File.WriteAllTextAsync(left, (await File.ReadAllTextAsync(LedgerPath, Token)).Replace($"{self.Id} {self.StartTime}", $"{dead.Id} {dead.StartTime}"), Token);
        Assert.AreEqual(1, await ProcessLedger.ReapAsync(left, Token, Grace));
        Assert.AreEqual(128 + 15, await process.WaitAsync(Token));
    }

    private static string Mark() => Guid.NewGuid().ToString("N");

    private static ProcessIdentity Identity(Process process) => ProcessTable.Find(process.Id)!.Value;

    private static string Line(ProcessIdentity process, string mark, ProcessIdentity owner) => $"{process.Id} {process.StartTime} {mark} {owner.Id} {owner.StartTime}";

    private void Write(params string[] lines) => File.WriteAllLines(LedgerPath, lines);

    private Process Start(string mark, string script = "exec sleep 1000", bool read = false)
    {
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { Environment = { [ProcessTree.MarkVariable] = mark }, RedirectStandardOutput = read })!;
        started.Add(process);
        return process;
    }

    /// <summary>An owner that was real, and was killed.</summary>
    private ProcessIdentity DeadOwner()
    {
        var owner = Start(Mark());
        var identity = Identity(owner);
        owner.Kill();
        owner.WaitForExit();
        return identity;
    }
}
