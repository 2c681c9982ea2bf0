using Packer.Tests;

namespace Packer.Sdk.Tests.Samples;

[TestClass]
public sealed class TemplateTests
{
    [TestMethod]
    [DataRow("file", "hello.txt")]
    [DataRow("null", null)]
    public async Task A_new_image_project_builds(string builder, string? file)
    {
        using var project = await NewAsync("packer-image", "Shop", "--builder", builder);

        var output = await project.BuildCleanlyAsync("Shop");

        if (file is not null) output.Assert(project.Exists($"Shop/bin/Debug/net10.0/images/web/{file}"), $"There is no image '{file}'.");
        else StringAssert.Contains(project.Read("Shop/obj/Debug/net10.0/packer/web.log"), "Hello", output.Text);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_new_image_project_builds_its_appliance()
    {
        // Its configuration says which mirror the machine uses.
        Rig.Require("apt-get");
        using var project = await NewAsync("packer-image", "Shop");

        var output = await project.BuildCleanlyAsync("Shop");

        output.Assert(Directory.EnumerateFiles(project.PathOf("Shop/bin/Debug/net10.0/images/web")).Any(path => new FileInfo(path).Length > 1 << 20), "There is no disk.");
    }

    [TestMethod]
    public async Task A_new_builder_is_packed_and_used()
    {
        using var project = await NewAsync("packer-builder", "Acme.Greeter", "--builder", "greeter");
        var feed = await PluginFeed.AddToAsync(project);
        await feed.PackAsync("Acme.Greeter");
        project.Write("app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              {project.SdkElement}
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Acme.Greeter" Version="0.1.0" PrivateAssets="all" />
                <PackerImage Include="card" Builder="greeter" Greet="Ada" />
              </ItemGroup>
            </Project>
            """);

        await project.BuildCleanlyAsync("app");

        Assert.AreEqual("Hello, Ada!\n", project.Read("app/bin/Debug/net10.0/images/card/card.txt"));
    }

    /// <summary>Packs the templates, installs them for this project alone and makes a new project in the folder that it is named after.</summary>
    private static async Task<TestProject> NewAsync(string template, string name, params string[] options)
    {
        var project = await TestProject.CreateEmptyAsync();
        // What dotnet new remembers lies there, not with the user.
        project.Environment["DOTNET_CLI_HOME"] = project.PathOf("home");
        project.Environment["NUGET_PACKAGES"] = null;
        var hive = project.PathOf("hive");
        var packages = project.PathOf("templates");
        (await DotNet.RunAsync(Repository.Root, ["pack", Repository.FullPath("src", "Packer.Templates"), "--no-restore", "-c", Repository.Configuration, "-o", packages, $"-p:Version={project.SdkVersion}", $"-p:IntermediateOutputPath={project.PathOf("obj")}/", $"-p:OutputPath={project.PathOf("bin")}/", "-nologo", "-tl:off"])).AssertSucceeded();
        (await project.RunAsync("new", "install", Path.Combine(packages, $"Packer.Templates.{project.SdkVersion}.nupkg"), "--debug:custom-hive", hive)).AssertSucceeded();
        (await project.RunAsync("new", [template, "-n", name, "-o", project.PathOf(name), "--no-update-check", "--debug:custom-hive", hive, .. options])).AssertSucceeded();
        return project;
    }
}
