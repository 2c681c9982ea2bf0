using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Provisioners.File;

namespace Packer.Tests.Provisioners;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
[UnsupportedOSPlatform("windows")]
public sealed class FileTests : IDisposable
{
    private readonly Provisioning machine = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    public void Dispose() => machine.Dispose();

    [TestMethod]
    [DataRow("a.conf", "to.conf", "to.conf")]
    [DataRow("a.conf", "etc/", "etc/a.conf")]
    [DataRow("a.conf", "C:\\", "C:\\a.conf")]
    [DataRow("site", "www", "www/site,www/site/css,www/site/css/a.css,www/site/index.html")]
    [DataRow("site/", "www", "www/css,www/css/a.css,www/index.html")]
    public async Task An_upload_obeys_the_separator_at_the_end(string source, string destination, string expected)
    {
        AddFiles();
        machine.AddRemoteFile("etc/there", "");
        await RunAsync(new() { ["source"] = source, ["destination"] = machine.Remote + "/" + destination });
        CollectionAssert.AreEqual(expected.Split(','), machine.RemoteFiles.Except(["etc", "etc/there", "www"]).ToArray());
    }

    [TestMethod]
    public async Task Several_sources_go_to_one_folder_with_their_modes()
    {
        AddFiles();
        var script = machine.AddFile("run", "#!/bin/sh\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await RunAsync(new() { ["sources"] = new JsonArray("a.conf", "run"), ["destination"] = machine.Remote + "/" });
        CollectionAssert.AreEqual(new[] { "a.conf", "run" }, machine.RemoteFiles);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(machine.Remote, "run")));
        Assert.Contains("Uploading run to ", machine.Ui.Text);
    }

    [TestMethod]
    public async Task Content_becomes_a_file()
    {
        machine.Data["Host"] = "10.0.0.1";
        await RunAsync(new() { ["content"] = "host={{ build `Host` }}\n", ["destination"] = machine.Remote + "/my.conf" });
        Assert.AreEqual("host=10.0.0.1\n", File.ReadAllText(Path.Combine(machine.Remote, "my.conf")));
    }

    [TestMethod]
    [DataRow("log/a.log", "got/b.log", "got/b.log")]
    [DataRow("log/a.log", "got/", "got/a.log")]
    [DataRow("log/", "got", "got/a.log,got/old/b.log")]
    public async Task A_download_obeys_the_separator_at_the_end(string source, string destination, string expected)
    {
        machine.AddRemoteFile("log/a.log", "a");
        machine.AddRemoteFile("log/old/b.log", "b");
        await RunAsync(new() { ["source"] = machine.Remote + "/" + source, ["destination"] = destination, ["direction"] = "download" });
        var found = Directory.EnumerateFiles(machine.Project, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(machine.Project, path)).Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(expected.Split(','), found);
    }

    [TestMethod]
    public async Task A_download_that_fails_leaves_the_old_file_and_nothing_else()
    {
        machine.AddFile("got", "old");
        var failure = await machine.FailAsync(new FileProvisioner(), new() { ["source"] = machine.Remote + "/none", ["destination"] = "got", ["direction"] = "download" }, Token);
        Assert.AreEqual(DiagnosticCodes.FileNotCopied, failure.Code);
        Assert.Contains("/none", failure.Message);
        Assert.AreEqual("old", File.ReadAllText(Directory.EnumerateFiles(machine.Project).Single()));
    }

    [TestMethod]
    public async Task An_upload_that_fails_names_both_sides()
    {
        AddFiles();
        machine.Communicator.FailingUploads = 1;
        var failure = await machine.FailAsync(new FileProvisioner(), new() { ["source"] = "a.conf", ["destination"] = machine.Remote + "/b" }, Token);
        Assert.AreEqual(DiagnosticCodes.FileNotCopied, failure.Code);
        Assert.Contains($"Uploading a.conf to {machine.Remote}/b failed: The connection was refused.", failure.Message);
    }

    [TestMethod]
    public async Task A_cancel_is_no_failure_of_the_copy()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        machine.AddRemoteFile("a", "a");
        await Assert.ThrowsAsync<OperationCanceledException>(() => machine.RunAsync(new FileProvisioner(), new() { ["source"] = machine.Remote + "/a", ["destination"] = "got", ["direction"] = "download" }, cancel.Token));
        Assert.IsEmpty(Directory.EnumerateFiles(machine.Project).ToList());
    }

    [TestMethod]
    public void What_is_uploaded_is_an_input_and_what_is_downloaded_or_generated_is_none()
    {
        AddFiles();
        CollectionAssert.AreEqual(new[] { ("a.conf", ConfigInputKind.File), ("site", ConfigInputKind.Directory) }, Inputs(new() { ["sources"] = new JsonArray("a.conf", "site/"), ["destination"] = "/" }));
        Assert.IsEmpty(Inputs(new() { ["source"] = "none", ["destination"] = "/x", ["generated"] = true }));
        Assert.IsEmpty(Inputs(new() { ["source"] = "none", ["destination"] = "x", ["direction"] = "download" }));
        Assert.IsEmpty(Inputs(new() { ["source"] = "{{ build `ID` }}", ["destination"] = "/x" }));
    }

    [TestMethod]
    [DataRow("""{ "destination": "/x" }""", "PKR0012")]
    [DataRow("""{ "source": "a.conf" }""", "PKR0012")]
    [DataRow("""{ "source": "a.conf", "content": "x", "destination": "/x" }""", "PKR0014")]
    [DataRow("""{ "source": "none", "destination": "/x" }""", "PKR0019")]
    [DataRow("""{ "content": "x", "destination": "/x/" }""", "PKR0011")]
    [DataRow("""{ "content": "x", "destination": "x", "direction": "download" }""", "PKR0014")]
    [DataRow("""{ "source": "a.conf", "destination": "x", "direction": "sideways" }""", "PKR0011")]
    public void What_is_wrong_is_said_before_anything_runs(string keys, string code)
    {
        AddFiles();
        var found = machine.Prepare(new FileProvisioner(), (JsonObject)JsonNode.Parse(keys)!).Diagnostics;
        Assert.AreEqual(code, found.Single().Code, found.Single().Message);
    }

    private void AddFiles()
    {
        machine.AddFile("a.conf", "a");
        machine.AddFile("site/index.html", "i");
        machine.AddFile("site/css/a.css", "c");
    }

    private Task RunAsync(JsonObject keys) => machine.RunAsync(new FileProvisioner(), keys, Token);

    private (string, ConfigInputKind)[] Inputs(JsonObject keys) =>
        [.. machine.Prepare(new FileProvisioner(), keys).Decoded!.Inputs.Select(input => (Path.GetRelativePath(machine.Project, input.Path), input.Kind))];
}
