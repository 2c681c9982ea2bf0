using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Engine.Planning;
using Packer.Running;

namespace Packer.Tests.Running;

[TestClass]
public sealed class MachineSettingsTests
{
    [TestMethod]
    [DataRow("appliance", "linux-x64", "qemu-system-x86_64", "q35", true)]
    [DataRow("appliance", "linux-arm64", "qemu-system-aarch64", "virt", true)]
    // What is started is the disk, whatever app was published beside it.
    [DataRow("file", "linux-arm64", "qemu-system-x86_64", "q35", false)]
    public void An_appliance_is_started_by_a_machine_of_its_processor(string builder, string runtimeIdentifier, string program, string machineType, bool uefi)
    {
        var machine = MachineSettings.Of(Plan(builder, runtimeIdentifier), []);

        Assert.AreEqual((program, machineType, uefi), (machine.Program, machine.MachineType, machine.Uefi));
    }

    [TestMethod]
    public void A_machine_of_arm64_has_no_bios()
    {
        var bios = new RunPlan { Firmware = RunPlan.Bios };

        Assert.IsFalse(MachineSettings.Of(Plan("appliance", "linux-x64") with { Run = bios }, []).Uefi);
        Assert.IsTrue(MachineSettings.Of(Plan("appliance", "linux-arm64") with { Run = bios }, []).Uefi);
    }

    private static ImagePlan Plan(string builder, string runtimeIdentifier) => new()
    {
        Image = "web",
        ProjectFile = "/src/web.csproj",
        OutputDirectory = "/out",
        PlanDirectory = "/obj",
        CacheDirectory = "/cache",
        Builder = new ComponentPlan(builder, null, 1, "image 'web'", MergedConfig.Read(new JsonObject())),
        App = new AppContent("/publish", "Web", runtimeIdentifier),
        Parts = new Dictionary<string, string>(),
        BuildHash = "",
        Chain = new BuildChain(new Dictionary<string, string>(), []),
        PostProcessHash = "",
    };
}
