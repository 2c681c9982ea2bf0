using Packer.Communicators;
using Packer.Steps;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class CleanupProvisionerTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_cancel_lets_the_clean_up_provisioner_run_to_its_end_while_the_machine_is_still_there()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.CancellationToken);
        var hook = new WaitingHook(cancel);
        var context = Context(hook);
        var machine = new Machine(hook.Log);
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            new StepRunner(context).RunAsync([machine, new ProvisionStep(context, new ConnectStep(context, new CommunicatorConfig { Communicator = "none" }, _ => Task.FromResult<MachineAddress?>(null)))], cancel.Token));
        CollectionAssert.AreEqual(new[] { "machine on", "provisioning", "cleaning up", "cleaned up", "machine off" }, hook.Log);
    }

    private static BuildContext Context(IHook hook) => new()
    {
        Image = "web",
        RunId = "00000000-0000-0000-0000-000000000001",
        BuilderType = "test",
        Ui = new TestUi(),
        Hook = hook,
        Cache = null!,
        OutputDirectory = "/nowhere",
        ProjectDirectory = "/nowhere",
        TemporaryDirectory = "/nowhere",
        LogDirectory = "/nowhere",
        Processes = null!,
        Secrets = new SecretRedactor(),
    };

    /// <summary>Provisions until the cancel, which it gives itself.</summary>
    private sealed class WaitingHook(CancellationTokenSource cancel) : IHook
    {
        public List<string> Log { get; } = [];

        public async Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token)
        {
            if (name == Hooks.Provision)
            {
                Log.Add("provisioning");
                await cancel.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
            }
            else
            {
                Log.Add("cleaning up");
                await Task.Delay(20, token);
                Log.Add("cleaned up");
            }
        }
    }

    private sealed class Machine(List<string> log) : IStep
    {
        public string Name => "machine";

        public Task RunAsync(CancellationToken token)
        {
            log.Add("machine on");
            return Task.CompletedTask;
        }

        public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
        {
            log.Add("machine off");
            return Task.CompletedTask;
        }
    }
}
