using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Imaging;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class BillOfMaterialsTests
{
    private const string Dependencies = """
        {
          "libraries": {
            "Web/1.2.0": { "type": "project", "serviceable": false, "sha512": "" },
            "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.1": { "type": "runtimepack", "serviceable": false, "sha512": "" },
            "Some.Library/4.5.6-beta+7": { "type": "package", "serviceable": true, "sha512": "sha512-AAAA" }
          }
        }
        """;

    [TestMethod]
    public void It_names_the_packages_of_Debian_and_of_the_app()
    {
        using var folder = new TemporaryFolder();
        var bom = JsonNode.Parse(Create(folder))!;
        var urls = bom["components"]!.AsArray().Select(component => (string?)component!["purl"]).OfType<string>().ToList();
        Assert.Contains("pkg:deb/debian/libc6@1.0?arch=amd64&distro=trixie", urls);
        Assert.Contains("pkg:deb/debian/libstdc%2B%2B6@1.0?arch=amd64&distro=trixie", urls);
        Assert.Contains("pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@10.0.1", urls);
        Assert.Contains("pkg:nuget/Some.Library@4.5.6-beta%2B7", urls);
        var app = bom["components"]!.AsArray().Single(component => (string?)component!["bom-ref"] == "app")!;
        Assert.AreEqual("Web 1.2.0", $"{app["name"]} {app["version"]}");
        Assert.AreEqual("web", (string)bom["metadata"]!["component"]!["name"]!);
        Assert.AreEqual("2025-01-01T00:00:00Z", (string)bom["metadata"]!["timestamp"]!);
    }

    [TestMethod]
    public void The_same_image_gives_the_same_bytes_and_another_one_another_number()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(Create(folder), Create(folder));
        Assert.AreNotEqual((string?)JsonNode.Parse(Create(folder))!["serialNumber"], (string?)JsonNode.Parse(Create(folder, "api"))!["serialNumber"]);
    }

    [TestMethod]
    public void An_app_of_one_file_names_no_packages()
    {
        using var folder = new TemporaryFolder();
        Assert.DoesNotContain("pkg:nuget", BillOfMaterials.Create("web", new ApplianceConfig(), TestApp.Create(folder["app"]), [], new FileTree(0)));
    }

    [TestMethod]
    public void It_holds_the_files_of_the_app_with_their_hashes()
    {
        using var folder = new TemporaryFolder();
        var bom = JsonNode.Parse(Create(folder))!;
        var files = bom["components"]!.AsArray().Single(component => (string?)component!["bom-ref"] == "app")!["components"]!.AsArray();
        // Not the symbols, which the image leaves out.
        Assert.AreEqual("/app/Web /app/Web.deps.json /app/Web.dll /app/appsettings.json /app/libnative.so /app/wwwroot/index.html", string.Join(' ', files.Select(file => (string)file!["name"]!)));
        foreach (var file in files)
        {
            Assert.AreEqual("file SHA-256", $"{file!["type"]} {file["hashes"]![0]!["alg"]}");
            var onHost = Path.Combine(folder["app"], ((string)file["name"]!)["/app/".Length..]);
            Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(onHost))), (string?)file["hashes"]![0]!["content"]);
        }
    }

    [TestMethod]
    public void Each_app_of_the_image_is_a_component_with_its_packages()
    {
        using var folder = new TemporaryFolder();
        var (app, worker) = (TestApp.Create(folder["app"]), TestApp.Create(folder["worker"]));
        foreach (var content in (AppContent[])[app, worker]) File.WriteAllText(Path.Combine(content.Directory, content.EntryPoint + ".deps.json"), Dependencies);

        var bom = JsonNode.Parse(BillOfMaterials.Create("web", new ApplianceConfig(), app with { AddedApps = [new AddedApp("worker", worker, new AppOptions())] }, [], new FileTree(0)))!;

        var references = bom["components"]!.AsArray().Select(component => (string)component!["bom-ref"]!).ToList();
        CollectionAssert.AllItemsAreUnique(references);
        Assert.Contains("app/worker", references);
        var depends = bom["dependencies"]!.AsArray().ToDictionary(entry => (string)entry!["ref"]!, entry => entry!["dependsOn"]!.ToJsonString());
        Assert.AreEqual(depends["app"], depends["app/worker"]);
        StringAssert.Contains(depends["image"], "app/worker");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task It_has_the_form_of_CycloneDX()
    {
        Rig.Require("node");
        var validator = RepositoryFiles.FullPath("tests", "sbom-validator");
        // 'npm ci' in that folder brings it.
        if (!Directory.Exists(Path.Combine(validator, "node_modules", "@cyclonedx"))) Rig.Require("cyclonedx-library");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["good.json"], Create(folder), CancellationToken.None);
        await File.WriteAllTextAsync(folder["bad.json"], Create(folder).Replace("\"library\"", "\"bookshelf\"", StringComparison.Ordinal), CancellationToken.None);
        Assert.AreEqual("ok", await CheckAsync(validator, folder["good.json"]));
        Assert.AreNotEqual("ok", await CheckAsync(validator, folder["bad.json"]));
    }

    private static string Create(TemporaryFolder folder, string image = "web")
    {
        var app = TestApp.Create(folder["app"]);
        File.WriteAllText(Path.Combine(app.Directory, app.EntryPoint + ".deps.json"), Dependencies);
        var packages = TestPackages.Complete(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("libstdc++6", ("usr/lib/libstdc++.so.6", "library"));
        using var files = new FilePool();
        var tree = new FileTree(0);
        AppFiles.AddTo(tree, GuestApp.All(new ApplianceConfig(), app, new Accounts())[0], 0, files);
        return BillOfMaterials.Create(image, new ApplianceConfig(), app, packages.All, tree);
    }

    private static async Task<string> CheckAsync(string validator, string path)
    {
        var start = new ProcessStartInfo("node") { WorkingDirectory = validator, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("check.mjs");
        start.ArgumentList.Add(path);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await errors);
        return (await output).Trim();
    }
}
