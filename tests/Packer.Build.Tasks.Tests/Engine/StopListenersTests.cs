using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class StopListenersTests
{
    private readonly CancelGate gate = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task The_death_of_the_parent_cancels_and_the_watch_does_not_wait()
    {
        var parent = 4711;
        Assert.IsTrue(gate.TryEnter());
        using (new StopListeners(gate, () => { }, new ParentWatch(() => Volatile.Read(ref parent), TimeSpan.FromMilliseconds(5))))
        {
            await Task.Delay(50, Token);
            Assert.IsFalse(gate.IsStopping);

            // What POSIX gives an orphan: the id of init, or of whoever takes its place.
            Volatile.Write(ref parent, 1);

            await Eventually.IsTrueAsync(() => gate.Token.IsCancellationRequested, "the token was cancelled");
        }
        gate.Exit();
    }

    [TestMethod]
    public async Task After_the_end_the_parent_is_not_watched_any_more()
    {
        var asked = 0;
        Assert.IsTrue(gate.TryEnter());
        using (new StopListeners(gate, () => { }, new ParentWatch(() => Interlocked.Increment(ref asked) > 0 ? 4711 : null, TimeSpan.FromMilliseconds(1))))
        {
            await Eventually.IsTrueAsync(() => Volatile.Read(ref asked) > 3, "the parent was looked at");
        }
        gate.Exit();
        await Task.Delay(50, Token);
        var after = Volatile.Read(ref asked);
        await Task.Delay(50, Token);
        Assert.AreEqual(after, Volatile.Read(ref asked));
        Assert.IsFalse(gate.IsStopping);
    }

    /// <summary>A build that was started in the background outlives the shell that started it, and a node that is used again the build that started it.</summary>
    [TestMethod]
    [DataRow("dotnet MSBuild.dll /noautoresponse /nologo /nodemode:2 /nodereuse:False /low:false", true)]
    [DataRow("MSBuild -nodemode:2", true)]
    [DataRow("dotnet MSBuild.dll /noautoresponse /nologo /nodemode:1 /nodeReuse:true /low:false", false)]
    [DataRow("dotnet MSBuild.dll /nologo /nodemode:8 /nodeReuse:true", false)]
    [DataRow("dotnet build -v:m", false)]
    public void Only_a_task_host_watches_its_parent(string commandLine, bool watches) =>
        Assert.AreEqual(watches, ParentWatch.IsTaskHost(commandLine.Split(' ')));

    [TestMethod]
    public void Another_request_to_stop_makes_hurry_but_not_one_that_is_told_twice()
    {
        var clock = new StopRequests();
        Assert.IsFalse(clock.IsAnother(StopRequest.Interrupt));
        Assert.IsTrue(clock.IsAnother(StopRequest.Interrupt));
        Assert.IsTrue(clock.IsAnother(StopRequest.Terminate));

        // timeout(1) signals its child and then the group, a shell its jobs after the terminal did.
        var told = new StopRequests();
        Assert.IsFalse(told.IsAnother(StopRequest.Terminate));
        Assert.IsFalse(told.IsAnother(StopRequest.Terminate));
        Assert.IsTrue(told.IsAnother(StopRequest.Interrupt));

        // A CI service cancels so: SIGINT, then SIGTERM some seconds later.
        var service = new StopRequests();
        Assert.IsFalse(service.IsAnother(StopRequest.Interrupt));
        Assert.IsTrue(service.IsAnother(StopRequest.Terminate));
    }
}
