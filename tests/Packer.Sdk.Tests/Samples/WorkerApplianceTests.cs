using Packer.Sdk.Tests.Cancel;
using Packer.Sdk.Tests.Running;
using Packer.Tests;

namespace Packer.Sdk.Tests.Samples;

[TestClass]
public sealed class WorkerApplianceTests
{
    [TestMethod]
    [TestCategory("Rig")]
    [OSCondition(OperatingSystems.Linux)]
    public async Task A_native_program_runs_on_a_machine_of_its_own()
    {
        Rig.Require("apt-get", "gcc", "qemu-system-x86_64");
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "WorkerAppliance"));
        // MSBuild takes it as a property.
        project.Environment["CppCompilerAndLinker"] = "gcc";
        await project.BuildCleanlyAsync();
        // Neither a runtime nor a library of .NET is in it.
        var publish = Directory.GetDirectories(project.PathOf("obj"), "publish", SearchOption.AllDirectories).Single();
        Assert.IsEmpty(Directory.GetFiles(publish, "*.dll", SearchOption.AllDirectories));

        using var command = PackerRunCommand.Start(project, "worker");
        await Wait.UntilAsync(() => command.Process.HasExited || command.OutputSoFar.Contains("Count 2", StringComparison.Ordinal), () => command.OutputSoFar);
        Signals.SendToGroup("INT", command.Process.Id);
        (await command.WaitAsync()).AssertContains("Count 2").AssertContains("Application is shutting down").AssertContains("Power down");
    }
}
