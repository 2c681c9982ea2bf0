using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Packer.Sdk.Tests.Usage;

/// <summary>The provenance of images as a build of a user writes it.</summary>
[TestClass]
public sealed class ProvenanceTests
{
    private static readonly string Body = $"""
        <ItemGroup>
          <PackerPlugin Include="{Repository.TestPlugin}" />
          <PackerImage Include="boxed" Builder="content" Content="app" />
          <PackerImage Include="copy" Builder="file" Source="source.bin" />
          <PackerPostProcessor Include="compress" Images="copy" OutputFile="copy.gz" KeepInputArtifact="true" />
        </ItemGroup>
        """;

    [TestMethod]
    public async Task Every_image_of_the_project_has_one_that_is_the_same_in_every_folder()
    {
        using var here = await CreateAsync();
        using var there = await CreateAsync();
        var output = await here.BuildCleanlyAsync();
        await there.BuildCleanlyAsync();
        output.AssertContains("copy.provenance.json");
        foreach (var image in new[] { "boxed", "copy" }) Assert.AreEqual(Text(here, image), Text(there, image));

        var copy = JsonNode.Parse(Text(here, "copy"))!;
        foreach (var subject in copy["subject"]!.AsArray())
            Assert.AreEqual((string?)subject!["digest"]!["sha256"], Hash(here.ImageFile("copy", (string)subject["name"]!)));
        Assert.AreEqual("copy.gz source.bin", Names(copy["subject"]!));
        Assert.AreEqual("source.bin", Names(copy["predicate"]!["buildDefinition"]!["resolvedDependencies"]!));
        Assert.AreEqual(here.SdkVersion, (string?)copy["predicate"]!["runDetails"]!["builder"]!["version"]!["Packer.Sdk"]);
        var boxed = Names(JsonNode.Parse(Text(here, "boxed"))!["predicate"]!["buildDefinition"]!["resolvedDependencies"]!);
        foreach (var part in new[] { "Packer.TestPlugin.dll", "app/app.dll", "app/System.Private.CoreLib.dll" }) Assert.Contains(part, boxed.Split(' '));

        (await here.BuildCleanlyAsync("--no-restore")).AssertDoesNotContain("provenance.json");
        (await here.RunAsync("build", "--no-restore", "-t:PackerClean")).AssertSucceeded();
        Assert.IsFalse(here.Exists("bin/Debug/net10.0/images/copy"));
    }

    private static async Task<TestProject> CreateAsync()
    {
        // The assembly is the same wherever the project lies.
        var project = await TestProject.CreateAsync(Body, "<OutputType>Exe</OutputType><PackerProvenance>true</PackerProvenance><PathMap>$(MSBuildProjectDirectory)=/src</PathMap>");
        project.Write("Program.cs", """System.Console.WriteLine("one");""");
        project.Write("source.bin", "the source");
        return project;
    }

    private static string Text(TestProject project, string image) => File.ReadAllText(project.ImageFile(image, image + ".provenance.json"));

    private static string Names(JsonNode resources) => string.Join(' ', resources.AsArray().Select(resource => (string)resource!["name"]!));

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
