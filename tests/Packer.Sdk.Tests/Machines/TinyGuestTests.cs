using System.Diagnostics;
using System.Net.Http;
using System.Security.Cryptography;
using Packer.Sdk.Tests.Cancel;
using Packer.Sdk.Tests.Running;
using Packer.Tests;

namespace Packer.Sdk.Tests.Machines;

/// <summary>Whole builds of virtual machines under QEMU, with a real installer and real SSH.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class TinyGuestTests
{
    private const string Password = "a password; of 'many' \"marks\" $HOME";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_system_is_installed_provisioned_and_booted_again_from_the_result()
    {
        var guest = await TinyGuest.GetAsync();
        Rig.Require("ssh-keygen", "debugfs");
        var sha256 = await HashAsync(guest.Iso);
        using var project = await TestProject.CreateAsync($$$"""
            <ItemGroup>
              <PackerImage Include="golden" Builder="qemu" Headless="true" Provenance="true" IsoUrl="{{{guest.Iso}}}" IsoChecksum="sha256:{{{sha256}}}" DiskSize="1G" Memory="256"
                           HttpDirectory="http" BootWait="0s" BootKeyInterval="50ms"
                           BootCommand="&lt;waitSerial 'boot:' 2m&gt;install cfg=http://{{ .HTTPIP }}:{{ .HTTPPort }}/tiny.cfg {{{TinyGuest.BusyMachine}}}&lt;enter&gt;"
                           SshUsername="root" SshPassword="env:TINY_PASSWORD" SshTimeout="10m" ShutdownCommand="shutdown -P now" />
              <PackerProvisioner Include="shell" Images="golden" Inline="hostname &gt; /root/shell.txt; uname -s" />
              <PackerProvisioner Include="file" Images="golden" Source="upload.bin" Destination="/root/upload.bin" />
              <PackerProvisioner Include="shell" Images="golden" Script="check.sh" EnvironmentVars="EXPECTED=$([System.IO.File]::ReadAllText('$(MSBuildProjectDirectory)/upload.sha256'))" />
              <PackerProvisioner Include="file" Images="golden" Direction="download" Source="/etc/os-release" Destination="os-release" />

              <PackerImage Include="copy" Builder="qemu" Headless="true" DependsOn="golden" DiskImage="true" IsoUrl="{{ artifact `golden` }}" Memory="256" Format="raw"
                           SshUsername="root" SshPrivateKeyFile="key" SshTimeout="10m"
                           TestHttp="/copied.txt" TestTimeout="2m" />
              <PackerProvisioner Include="shell" Images="copy" Inline="reboot" Reboot="true" />
              <PackerProvisioner Include="shell" Images="copy" Inline="test `cat /root/shell.txt` = tinybox;grep -q 1G-disk /etc/marker;cp /root/shell.txt /root/copied.txt;sync" />
              <PackerProvisioner Include="shell" Images="copy" Script="serve.sh" />
            </ItemGroup>
            """);
        project.Environment["TINY_PASSWORD"] = Password;
        var content = RandomNumberGenerator.GetBytes(1 << 20);
        await File.WriteAllBytesAsync(project.PathOf("upload.bin"), content);
        project.Write("upload.sha256", Convert.ToHexStringLower(SHA256.HashData(content)));
        project.Write("check.sh", "#!/bin/sh -e\necho \"$EXPECTED  /root/upload.bin\" | sha256sum -c\n");
        // busybox has a web server; what lies in that folder is run when the system starts.
        project.Write("serve.sh", "#!/bin/sh -e\nmkdir -p /etc/rc.d\nprintf '#!/bin/sh\\nhttpd -p 8080 -h /root\\n' > /etc/rc.d/httpd\nchmod 755 /etc/rc.d/httpd\nsync\n");
        await ToolAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", project.PathOf("key"));
        project.Write("http/tiny.cfg", $"hostname tinybox\npassword {Password}\nkey {project.Read("key.pub")}\nrun sed -i 's/quiet/quiet {TinyGuest.BusyMachine}/' /boot/extlinux.conf\nrun echo 1G-disk > /etc/marker\nfinish reboot\n");

        var output = await project.BuildAsync();

        output.AssertSucceeded();
        // Where KVM is there but does not work, the trial says so; nothing else is worth a warning.
        output.Assert(output.Warnings.All(warning => warning.Code == "PKR1301"), "There should be no warning but of the accelerator.");
        output.AssertDoesNotContain(Password);
        var log = project.Read("obj/Debug/net10.0/packer/golden.log");
        StringAssert.Contains(log, "upload.bin: OK");
        Assert.DoesNotContain(Password, log);
        StringAssert.Contains(project.Read("os-release"), "tiny");
        var disk = project.ImageFile("golden", "golden.qcow2");
        StringAssert.Contains(await ToolAsync("qemu-img", "check", disk), "No errors were found");
        var provenance = await File.ReadAllTextAsync(project.ImageFile("golden", "golden.provenance.json"));
        StringAssert.Contains(provenance, sha256, "The ISO is among what the image was made of.");
        StringAssert.Contains(provenance, "\"qemu-system-x86_64\": \"QEMU emulator version ");
        foreach (var secret in new[] { Password, Path.GetDirectoryName(guest.Iso)!, project.Folder }) Assert.DoesNotContain(secret, provenance);
        // Looked at from outside, by a program that knows nothing of ours.
        var root = $"{project.ImageFile("copy", "copy.raw")}?offset={1 << 20}";
        Assert.AreEqual("tinybox", (await ToolAsync("debugfs", "-R", "cat /root/copied.txt", root)).Trim());
        foreach (var image in new[] { "golden", "copy" }) TestContext.WriteLine(string.Join('\n', File.ReadLines(project.PathOf($"obj/Debug/net10.0/packer/{image}.log")).Where(line => line.Contains("Step '", StringComparison.Ordinal))));

        output.AssertContains("The image has passed its test: 8080/copied.txt answered 200 OK");
        (await project.BuildAsync()).AssertSucceeded().AssertNoWarnings().AssertDoesNotContain("Starting the machine");
        await RunUntilStoppedAsync(project);
    }

    /// <summary>Starts the copy with <c>PackerRun</c>, asks it, and presses Ctrl-C, at which it switches itself off.</summary>
    private static async Task RunUntilStoppedAsync(TestProject project)
    {
        var processes = new MarkedProcesses();
        project.Environment[MarkedProcesses.Variable] = processes.Mark;
        using var command = PackerRunCommand.Start(project, "copy");
        var address = await PackerRunCommand.WaitForAddressAsync(command, "copy");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.AreEqual("tinybox\n", await client.GetStringAsync(new Uri(address, "copied.txt")), command.OutputSoFar);
        Signals.SendToGroup("INT", command.Process.Id);
        (await command.WaitAsync()).AssertContains("Stopping image 'copy'").AssertDoesNotContain("error PKR").AssertDoesNotContain("its machine is ended");
        await processes.WaitForEndAsync();
    }

    private static async Task<string> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }

    /// <summary>Runs a program that must succeed, and returns what it writes.</summary>
    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}: {string.Concat(words)}");
        return words[0];
    }
}
