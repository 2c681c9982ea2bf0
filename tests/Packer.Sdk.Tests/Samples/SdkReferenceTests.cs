namespace Packer.Sdk.Tests.Samples;

/// <summary>The ways in which a project can refer to the SDK.</summary>
[TestClass]
public sealed class SdkReferenceTests
{
    private const string Image = """<ItemGroup><PackerImage Include="note" Builder="file" Content="hello" /></ItemGroup>""";

    [TestMethod]
    public async Task As_a_package()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageReference Include="Packer.Sdk" Version="{project.SdkVersion}" PrivateAssets="all" /></ItemGroup>
              {Image}
            </Project>
            """);

        await AssertBuildsAsync(project, project.ImageFile("note"));
    }

    [TestMethod]
    public async Task As_a_package_and_as_an_sdk()
    {
        using var project = await TestProject.CreateAsync($"{Image}<ItemGroup><PackageReference Include=\"Packer.Sdk\" Version=\"$(PackerVersionOfTest)\" PrivateAssets=\"all\" /></ItemGroup>");
        project.Write("Directory.Build.props", $"<Project><PropertyGroup><PackerVersionOfTest>{project.SdkVersion}</PackerVersionOfTest></PropertyGroup></Project>");

        await AssertBuildsAsync(project, project.ImageFile("note"));
    }

    [TestMethod]
    public async Task In_the_list_of_sdks_with_its_version_in_global_json()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("global.json", $$"""{ "msbuild-sdks": { "Packer.Sdk": "{{project.SdkVersion}}" } }""");
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk;Packer.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              {Image}
            </Project>
            """);

        await AssertBuildsAsync(project, project.ImageFile("note"));
    }

    [TestMethod]
    public async Task In_a_multi_targeted_project()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              {project.SdkElement}
              <PropertyGroup><TargetFrameworks>netstandard2.0;net10.0</TargetFrameworks></PropertyGroup>
              {Image}
            </Project>
            """);

        await AssertBuildsAsync(project, project.PathOf("bin/Debug/images/note/note"));
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/images"), "An inner build made images too.");
    }

    private static async Task AssertBuildsAsync(TestProject project, string image)
    {
        var output = await project.BuildCleanlyAsync();
        output.AssertEqual("hello", File.Exists(image) ? await File.ReadAllTextAsync(image) : null, $"The image '{image}'.");
    }
}
