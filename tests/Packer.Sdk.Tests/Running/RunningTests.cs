using System.Net.Http;
using System.Text.RegularExpressions;
using Packer.Sdk.Tests.Cancel;
using Packer.Tests;

namespace Packer.Sdk.Tests.Running;

/// <summary>Finished images are started under QEMU: by their test, and by <c>PackerRun</c>.</summary>
[TestClass]
[TestCategory("Rig")]
[OSCondition(OperatingSystems.Linux)]
public sealed partial class RunningTests
{
    /// <summary>One appliance for all of it: it is tested when it is built, is up to date then, and runs.</summary>
    [TestMethod]
    public async Task An_appliance_is_tested_when_it_is_built_and_runs_until_Ctrl_C()
    {
        Rig.Require("apt-get", "qemu-system-x86_64");
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "WebAppliance"));
        var processes = new MarkedProcesses();
        project.Environment[MarkedProcesses.Variable] = processes.Mark;
        var text = project.Read("WebAppliance.csproj");
        project.Write("WebAppliance.csproj", text.Replace("""<PackerImage Include="web" />""", """<PackerImage Include="web" Formats="qcow2" TimeServers="none" TestHttp="/health" />""", StringComparison.Ordinal));

        // A machine whose accelerator does not work is warned of that.
        var built = (await project.BuildAsync()).AssertSucceeded().AssertContains("The image has passed its test: 8080/health answered 200 OK");
        if (built.Text.Contains("(tcg)", StringComparison.Ordinal) && built.Text.Contains("QEMU 7.", StringComparison.Ordinal)) built.AssertContains("clearcpuid=cx16");
        (await project.BuildCleanlyAsync()).AssertDoesNotContain("Testing the image");

        await RunUntilStoppedAsync(project, processes);
        (await project.BuildCleanlyAsync("--no-restore")).AssertDoesNotContain("Composing the image");
    }

    [TestMethod]
    public async Task A_disk_that_does_not_boot_fails_its_test_and_does_not_replace_the_image_before()
    {
        Rig.Require("qemu-system-x86_64");
        using var project = await TestProject.CreateAsync(Disk(""));
        File.WriteAllBytes(project.PathOf("empty.raw"), new byte[1 << 20]);
        (await project.BuildAsync()).AssertSucceeded();
        var good = project.ImageFile("disk", "empty.raw");
        Assert.AreEqual(1 << 20, new FileInfo(good).Length);

        File.WriteAllBytes(project.PathOf("empty.raw"), new byte[2 << 20]);
        project.WriteProject(Disk("""TestHttp="/" TestTimeout="2s" """));
        var failed = (await project.BuildImagesAsync()).AssertOnlyError("PKR0110");

        StringAssert.Contains(failed.Text, "The last screen is in", StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(EvidenceFile().Match(failed.Text).Groups["path"].Value), failed.Text);
        Assert.AreEqual(1 << 20, new FileInfo(good).Length, "The image before stays.");

        // The same disk is asked again, and not made again; without the test it takes its place.
        (await project.BuildImagesAsync("-p:PackerTestTimeout=1s")).AssertContains("it is not built again").AssertOnlyError("PKR0110");
        (await project.BuildImagesAsync("-p:PackerTest=false")).AssertSucceeded();
        Assert.AreEqual(2 << 20, new FileInfo(good).Length);

        // At its place it is asked too, as soon as it is to be tested again.
        (await project.BuildImagesAsync("-p:PackerTestTimeout=1s")).AssertOnlyError("PKR0110");
        Assert.AreEqual(2 << 20, new FileInfo(good).Length);
    }

    [TestMethod]
    public async Task PackerRun_starts_one_image_and_says_which_there_are()
    {
        using var project = await TestProject.CreateAsync("""<ItemGroup><PackerImage Include="one;two" Builder="file" Content="x" /></ItemGroup>""");
        (await project.RunAsync("restore")).AssertSucceeded();

        var several = (await project.RunAsync("build", "--no-restore", "-t:PackerRun")).AssertOnlyError("PKR0112");
        StringAssert.Contains(several.Text, "one, two", StringComparison.Ordinal);
        (await project.RunAsync("build", "--no-restore", "-t:PackerRun", "-p:PackerOnly=one")).AssertOnlyError("PKR0111");
        // A project that makes no program runs its image.
        (await project.RunAsync("run", "--no-restore")).AssertFailed().AssertContains("PKR0112");

        project.WriteProject("");
        (await project.RunAsync("build", "--no-restore", "-t:PackerRun")).AssertOnlyError("PKR0112");
    }

    private static string Disk(string test) => $"""<ItemGroup><PackerImage Include="disk" Builder="file" Source="empty.raw" {test}/></ItemGroup>""";

    private static async Task RunUntilStoppedAsync(TestProject project, MarkedProcesses processes)
    {
        using var command = PackerRunCommand.Start(project, "web");
        var address = await PackerRunCommand.WaitForAddressAsync(command, "web");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.AreEqual("Hello from an appliance.\n", await client.GetStringAsync(address), command.OutputSoFar);

        Signals.SendToGroup("INT", command.Process.Id);
        var output = await command.WaitAsync();

        output.AssertContains("Stopping image 'web'").AssertDoesNotContain("error PKR").AssertDoesNotContain("its machine is ended");
        // The console was shown, to the end: the app was told to stop, and the machine switched itself off.
        output.AssertContains("Now listening on: http://[::]:8080").AssertContains("Application is shutting down").AssertContains("Power down");
        await processes.WaitForEndAsync();
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(project.PathOf("obj"), "*~run*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".log", StringComparison.Ordinal)).ToList());
    }

    [GeneratedRegex("The last screen is in '(?<path>[^']+)'")]
    private static partial Regex EvidenceFile();
}
