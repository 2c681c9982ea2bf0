using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Packer.Tests.Tasks;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Builds that fail, are corrected and go on, with a real guest under emulation.</summary>
[TestClass]
[TestCategory("Rig")]
[DoNotParallelize]
public sealed class CheckpointRigTests
{
    private const string Working = "sha256sum /root/upload.txt > /root/third.txt\n";
    private const string Failing = "echo half > /root/half.txt\nexit 7\n";

    private readonly List<string> times = [];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(900_000)]
    public async Task A_build_goes_on_from_the_longest_chain_that_holds_and_ends_with_the_same_disk()
    {
        var guest = await TinyGuest.GetAsync();
        var disk = await guest.GetInstalledDiskAsync();

        // The third provisioner fails; what came before it is kept.
        using var project = Project(guest, disk, "golden", "Checkpoints='all'");
        Write(project, "first", Failing);
        Assert.IsFalse(Build(project, "first build, which fails", out var said));
        Assert.Contains("exit code 7", string.Join('\n', project.Engine.Diagnostics));
        AssertSaid(said, "Took the checkpoint of the installed system", "Took the checkpoint after provisioner 1 of 3 (shell)", "Took the checkpoint after provisioner 2 of 3 (file)");
        AssertNotSaid(said, "Resuming", "after provisioner 3 of 3");

        // Corrected, it alone runs.
        Write(project, "first", Working);
        Assert.IsTrue(Build(project, "resumed after provisioner 2", out said), string.Join('\n', project.Engine.Diagnostics));
        AssertSaid(said, "Resuming from the checkpoint after provisioner 2 of 3 (file)", "Took the checkpoint after provisioner 3 of 3 (shell)");
        Assert.AreEqual(1, said.Count(line => line.Contains("Provisioning with", StringComparison.Ordinal)));
        AssertNotSaid(said, "Copying the disk image", "of the installed system");
        var clock = Stopwatch.StartNew();
        Assert.IsTrue(Build(project, "up to date", out said));
        AssertNotSaid(said, "Starting the machine");
        Assert.IsLessThan(2, clock.Elapsed.TotalSeconds);

        // A build from the start makes the same.
        using var reference = Project(guest, disk, "golden", "Checkpoints='none'");
        Write(reference, "first", Working);
        Assert.IsTrue(Build(reference, "full build", out said), string.Join('\n', reference.Engine.Diagnostics));
        AssertNotSaid(said, "the checkpoint");
        Assert.IsFalse(Directory.Exists(Path.Combine(Cache(reference), "checkpoints")));
        var expected = await DiskTree.ReadAsync(Image(reference, "golden.qcow2"));
        CollectionAssert.AreEqual(expected.ToList(), (await DiskTree.ReadAsync(Image(project, "golden.qcow2"))).ToList());
        Assert.DoesNotContain("checkpoints", await Imaging.Tool.RunAsync("qemu-img", "info", "--backing-chain", Image(project, "golden.qcow2")));

        // A file that the second one reads changes: it runs again, and what comes after it.
        Write(project, "second", Working);
        Assert.IsTrue(Build(project, "resumed after provisioner 1", out said), string.Join('\n', project.Engine.Diagnostics));
        AssertSaid(said, "Resuming from the checkpoint after provisioner 1 of 3 (shell)");

        // Damaged checkpoints are told apart from whole ones.
        foreach (var checkpoint in Checkpoints(project).Where(folder => File.Exists(Path.Combine(folder, "disk0.1.qcow2")))) Damage(Path.Combine(checkpoint, "memory"));
        Write(project, "third", Working);
        Assert.IsTrue(Build(project, "resumed after the installation", out said), string.Join('\n', project.Engine.Diagnostics));
        AssertSaid(said, "Resuming from the checkpoint of the installed system");
        Assert.Contains("PKR1312", project.Engine.Diagnostics.Single(line => line.Contains("after provisioner 1 of 3", StringComparison.Ordinal)));

        // Another project has the same beginning, and another format.
        using var other = Project(guest, disk, "other", "Format='raw'");
        Write(other, "first", Working);
        Directory.Move(Cache(project), Cache(other));
        Assert.IsTrue(Build(other, "another project, raw", out said), string.Join('\n', other.Engine.Diagnostics));
        AssertSaid(said, "Resuming from the checkpoint of the installed system");
        CollectionAssert.AreEqual(expected.ToList(), (await DiskTree.ReadAsync(Image(other, "other.raw"))).ToList());

        // A machine that QEMU cannot go on with is one from the start.
        Spoil(Checkpoints(other).Single(folder => !File.Exists(Path.Combine(folder, "disk0.1.qcow2"))));
        Write(other, "second", Working);
        Assert.IsTrue(Build(other, "after a memory that QEMU refuses", out said), string.Join('\n', other.Engine.Diagnostics));
        AssertSaid(said, "Copying the disk image", "Took the checkpoint of the installed system");
        Assert.Contains("PKR1312", other.Engine.Diagnostics.Single(line => line.Contains("of the installed system", StringComparison.Ordinal)));
        TestContext.WriteLine(string.Join('\n', times));
    }

    private static TaskProject Project(TinyGuest guest, string disk, string name, string settings) => new($$$"""
        <PackerImage Include="{{{name}}}" Builder="qemu" Headless="true" Accelerator="tcg" Memory="256" DiskImage="true" IsoUrl="{{{disk}}}" IsoChecksum="none" {{{settings}}}
                     KernelPath="{{{guest.Kernel}}}" InitrdPath="{{{guest.Initrd}}}" KernelArgs='{{{InstalledTinyGuest.DiskArguments}}} sshkey="{{ .SSHPublicKey }}"' SshUsername="root"
                     TemporaryKeyPairType="ed25519" TemporaryKeyPairName="temporary" SshClearAuthorizedKeys="true" ShutdownCommand="shutdown -P now" />
        <PackerProvisioner Include="shell" Inline="echo one > /root/one.txt" />
        <PackerProvisioner Include="file" Source="upload.txt" Destination="/root/upload.txt" />
        <PackerProvisioner Include="shell" Script="third.sh" />
        """);

    private static void Write(TaskProject project, string upload, string script)
    {
        File.WriteAllText(Path.Combine(project.Folder, "upload.txt"), upload);
        File.WriteAllText(Path.Combine(project.Folder, "third.sh"), "#!/bin/sh -e\n" + script);
    }

    private bool Build(TaskProject project, string what, out IReadOnlyList<string> said)
    {
        var before = project.Engine.Messages.Count;
        var clock = Stopwatch.StartNew();
        var succeeded = project.Build();
        times.Add(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,6:0.0} s  {what}"));
        said = [.. project.Engine.Messages.Skip(before)];
        return succeeded;
    }

    private static void AssertSaid(IReadOnlyList<string> said, params string[] texts)
    {
        foreach (var text in texts) Assert.Contains(line => line.Contains(text, StringComparison.Ordinal), said, $"'{text}' was not said:\n{string.Join('\n', said)}");
    }

    private static void AssertNotSaid(IReadOnlyList<string> said, params string[] texts)
    {
        foreach (var text in texts) Assert.DoesNotContain(line => line.Contains(text, StringComparison.Ordinal), said, $"'{text}' was said:\n{string.Join('\n', said)}");
    }

    private static string Cache(TaskProject project) => Path.Combine(project.Folder, "cache");

    private static string Image(TaskProject project, string file) => Path.Combine(project.OutputDirectory, Path.GetFileNameWithoutExtension(file), file);

    private static IEnumerable<string> Checkpoints(TaskProject project) =>
        Directory.EnumerateDirectories(Path.Combine(Cache(project), "checkpoints")).Where(folder => File.Exists(Path.Combine(folder, "manifest.json")));

    private static void Damage(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = stream.Length / 2;
        var value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)~value);
    }

    /// <summary>Makes a memory that no machine has, but that is what the manifest says.</summary>
    private static void Spoil(string checkpoint)
    {
        var memory = Path.Combine(checkpoint, "memory");
        File.WriteAllBytes(memory, new byte[1000]);
        var path = Path.Combine(checkpoint, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        var file = manifest["files"]!.AsArray().Single(entry => (string)entry!["name"]! == "memory")!;
        file["size"] = 1000;
        file["sha256"] = Convert.ToHexStringLower(SHA256.HashData(new byte[1000]));
        File.WriteAllText(path, manifest.ToJsonString());
    }
}
