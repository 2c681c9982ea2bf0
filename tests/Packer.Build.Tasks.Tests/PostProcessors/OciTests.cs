using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Packer.PostProcessors.Oci;
using Packer.Tests.Engine;
using Packer.Tests.Tasks;

namespace Packer.Tests.PostProcessors;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class OciTests
{
    private const string Passwords = "auth: { htpasswd: { realm: test, path: USERS } }";

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("registry.example.com:5000/images/web", "registry.example.com:5000", "images/web")]
    [DataRow("localhost/web", "localhost", "web")]
    [DataRow("[::1]:5000/a-b/c__d.e", "[::1]:5000", "a-b/c__d.e")]
    public void ARepositoryIsAHostAndAName(string text, string host, string name) => Assert.AreEqual(new OciRepository(host, name), OciRepository.TryParse(text));

    [TestMethod]
    [DataRow("")]
    [DataRow("web")]
    [DataRow("/web")]
    [DataRow("host/")]
    [DataRow("host/Web")]
    [DataRow("host/web:1")]
    [DataRow("host/web@sha256:0")]
    [DataRow("user@host/web")]
    [DataRow("https://host/web")]
    public void AnythingElseIsNone(string text) => Assert.IsNull(OciRepository.TryParse(text));

    [TestMethod]
    [TestCategory("Rig")]
    public async Task CurlFetchesWhatWasPushed()
    {
        await using var registry = await RegistryRig.StartAsync();
        using var project = Project(registry.Host, """Tags="1.2;latest" Annotations="org.opencontainers.image.version=1.2;a=b" MediaType="application/zstd" """);
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        await File.WriteAllBytesAsync(Path.Combine(project.Folder, "source"), content, Token);
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));

        var text = await registry.GetAsync("images/note/manifests/latest");
        Assert.AreEqual(text, await registry.GetAsync("images/note/manifests/1.2"));
        var manifest = JsonNode.Parse(text)!;
        Assert.AreEqual("application/vnd.packer.image.v1", (string?)manifest["artifactType"]);
        Assert.AreEqual("1.2", (string?)manifest["annotations"]!["org.opencontainers.image.version"]);
        var layer = manifest["layers"]!.AsArray().Single()!;
        Assert.AreEqual("note", (string?)layer["annotations"]!["org.opencontainers.image.title"]);
        Assert.AreEqual("application/zstd", (string?)layer["mediaType"]);
        Assert.AreEqual(content.Length, (int)layer["size"]!);
        var fetched = Path.Combine(project.Folder, "fetched");
        await registry.GetAsync($"images/note/blobs/{layer["digest"]}", "-L", "-o", fetched);
        CollectionAssert.AreEqual(content, await File.ReadAllBytesAsync(fetched, Token));
        Assert.AreEqual("{}", await registry.GetAsync($"images/note/blobs/{manifest["config"]!["digest"]}", "-L"));

        // The id is the digest of the manifest, and the image is kept.
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        Assert.Contains($"{registry.Host}/images/note@{digest}", await File.ReadAllTextAsync(Path.Combine(project.OutputDirectory, "note.stamp"), Token));
        Assert.IsTrue(File.Exists(Path.Combine(project.OutputDirectory, "note", "note")));

        var artifact = new OciArtifact(OciRepository.TryParse($"{registry.Host}/images/note")!, new OciConfig { PlainHttp = true }, digest);
        await artifact.DestroyAsync(Token);
        Assert.AreEqual("404", await registry.StatusAsync($"images/note/manifests/{digest}"));
        await artifact.DestroyAsync(Token);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task WhatTheRegistryHasIsNotSentAgain()
    {
        await using var registry = await RegistryRig.StartAsync();
        using var first = Project(registry.Host, "");
        Assert.IsTrue(first.Build(), string.Join('\n', first.Engine.Diagnostics));
        Assert.IsFalse(first.Engine.Messages.Any(message => message.Contains("has it already", StringComparison.Ordinal)));
        using var second = Project(registry.Host, """Tags="other" """);
        Assert.IsTrue(second.Build(), string.Join('\n', second.Engine.Diagnostics));
        Assert.IsTrue(second.Engine.Messages.Any(message => message.Contains("note: the registry has it already", StringComparison.Ordinal)));
        Assert.AreEqual(await registry.GetAsync("images/note/manifests/latest"), await registry.GetAsync("images/note/manifests/other"));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task AUserIsLetInWithThePasswordAndNobodyElse()
    {
        await using var registry = await RegistryRig.StartAsync(Passwords);
        using var stranger = Project(registry.Host, "");
        Assert.IsFalse(stranger.Build());
        Assert.StartsWith("error PKR0525", stranger.Engine.Diagnostics.Single());
        Assert.Contains("Set 'Username' and 'Password'", stranger.Engine.Diagnostics.Single());

        using var wrong = Project(registry.Host, """Username="ci" Password="file:password" """);
        await File.WriteAllTextAsync(Path.Combine(wrong.Folder, "password"), "guessed-it", Token);
        Assert.IsFalse(wrong.Build());
        Assert.StartsWith("error PKR0525", wrong.Engine.Diagnostics.Single());
        Assert.IsFalse(wrong.Engine.Diagnostics.Concat(wrong.Engine.Messages).Any(line => line.Contains("guessed-it", StringComparison.Ordinal)));
        // The image is there, and only the push is tried again.
        Assert.IsTrue(File.Exists(Path.Combine(wrong.OutputDirectory, "note", "note")));

        using var user = Project(registry.Host, """Username="ci" Password="file:password" """);
        await File.WriteAllTextAsync(Path.Combine(user.Folder, "password"), "secret\n", Token);
        Assert.IsTrue(user.Build(), string.Join('\n', user.Engine.Diagnostics));
        Assert.Contains("artifactType", await registry.GetAsync("images/note/manifests/latest", "-u", "ci:secret"));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task ATokenIsFetchedWhereTheRegistryAsksForOne()
    {
        await using var service = new TestServer(request => request.ServeAsync("""{ "token": "let-me-in" }"""u8.ToArray()));
        // This kind of login lets in whoever says anything, and asks for a token like the others.
        await using var registry = await RegistryRig.StartAsync($$"""auth: { silly: { realm: "{{service.Address("token")}}", service: tests } }""");
        using var project = Project(registry.Host, """Username="ci" Password="file:password" """);
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "password"), "secret\n", Token);
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        var asked = service.Requests.First();
        Assert.StartsWith("/token?service=tests&scope=repository%3Aimages%2Fnote%3A", asked.Path);
        Assert.AreEqual("Basic " + Convert.ToBase64String("ci:secret"u8), asked.Headers["Authorization"]);
        Assert.Contains("artifactType", await registry.GetAsync("images/note/manifests/latest", "-H", "Authorization: Bearer x"));
    }

    [TestMethod]
    public async Task ARegistryThatFailsKeepsTheImageAndIsTriedAgain()
    {
        await using var server = new TestServer(request => request.HeadAsync("418 I'm a teapot", "Content-Length: 0"));
        using var project = Project($"127.0.0.1:{server.Port}", "");
        Assert.IsFalse(project.Build());
        Assert.StartsWith("error PKR0526", project.Engine.Diagnostics.Single());
        Assert.Contains("it answered 418", project.Engine.Diagnostics.Single());
        var image = Path.Combine(project.OutputDirectory, "note", "note");
        var past = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(image, past);
        Assert.IsFalse(project.Build());
        Assert.AreEqual(past, File.GetLastWriteTimeUtc(image), "The image was built again.");
    }

    [TestMethod]
    [DataRow("error PKR0011", "host/Web", "")]
    [DataRow("error PKR0011", "host/web", """Tags="a;b c" """)]
    [DataRow("error PKR0012", "host/web", """Username="ci" """)]
    [DataRow("error PKR0011", "host/web", """Username="ci" Password="env:HOME" PlainHttp="true" """)]
    public void WrongSettingsAreErrorsOfThePlan(string error, string repository, string settings)
    {
        using var project = new TaskProject($"""
            <PackerImage Include="note" Builder="file" Content="hello" />
            <PackerPostProcessor Include="oci" Repository="{repository}" {settings}/>
            """);
        Assert.IsFalse(project.Plan().Execute());
        Assert.StartsWith($"{error} app.csproj(3)", project.Engine.Diagnostics.Single());
    }

    private static TaskProject Project(string host, string settings)
    {
        var project = new TaskProject($"""
            <PackerImage Include="note" Builder="file" Source="source" TargetFile="note" />
            <PackerPostProcessor Include="oci" Repository="{host}/images/note" PlainHttp="true" {settings}/>
            """);
        File.WriteAllText(Path.Combine(project.Folder, "source"), "what the image holds\n");
        return project;
    }
}
