namespace Packer.Sdk.Tests.Usage;

/// <summary>The ways to refer to the SDK.</summary>
[TestClass]
public sealed class ReferenceTests
{
    private const string Note = """<ItemGroup><PackerImage Include="note" Builder="file" Content="hello" /></ItemGroup>""";

    [TestMethod]
    public async Task By_an_sdk_element()
    {
        using var project = await TestProject.CreateAsync(Note);
        await project.BuildCleanlyAsync();
        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));
    }

    [TestMethod]
    public async Task By_a_package_reference()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageReference Include="Packer.Sdk" Version="{project.SdkVersion}" PrivateAssets="all" /></ItemGroup>
              {Note}
            </Project>
            """);
        await project.BuildCleanlyAsync();
        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));
    }

    [TestMethod]
    public async Task By_both_at_once_without_a_warning()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup><PackageReference Include="Packer.Sdk" Version="$(SdkVersion)" PrivateAssets="all" /></ItemGroup>
            {Note}
            """);
        project.Write("app.csproj", project.Read("app.csproj").Replace("$(SdkVersion)", project.SdkVersion, StringComparison.Ordinal));
        await project.BuildCleanlyAsync();
        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));
    }

    [TestMethod]
    public async Task By_the_list_of_sdks_with_the_version_in_global_json()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("global.json", $$"""{ "msbuild-sdks": { "Packer.Sdk": "{{project.SdkVersion}}" } }""");
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk;Packer.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              {Note}
            </Project>
            """);
        await project.BuildCleanlyAsync();
        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));
    }

    [TestMethod]
    public async Task A_project_without_images_is_left_alone()
    {
        using var project = await TestProject.CreateAsync("");
        await project.BuildCleanlyAsync();
        await project.BuildCleanlyAsync("--no-restore", "-t:Rebuild");
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/images"));
        Assert.IsFalse(project.Exists("obj/Debug/net10.0/packer"));
    }
}
