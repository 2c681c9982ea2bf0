using System.Formats.Tar;
using System.IO.Compression;

namespace Packer.Sdk.Tests.Samples;

[TestClass]
public sealed class CustomBuilderTests
{
    [TestMethod]
    public async Task The_sample_plugin_is_packed_and_its_builder_used()
    {
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples"));
        // The sample's own folders of packages are not those of the test.
        var feed = await PluginFeed.AddToAsync(project);
        await feed.PackAsync("CustomBuilder");

        var output = await project.BuildCleanlyAsync("UsesCustomBuilder");

        var archive = project.PathOf("UsesCustomBuilder/bin/Debug/net10.0/images/site/site.tar.gz");
        await using var gzip = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        var names = new List<string>();
        while (await tar.GetNextEntryAsync() is { } entry) names.Add(entry.Name);
        CollectionAssert.AreEqual(new[] { "site/index.html", "site/style.css" }, names, output.Text);
        // The key that the project sets as a property of its own arrived.
        StringAssert.Contains(project.Read("UsesCustomBuilder/obj/Debug/net10.0/packer/site.plan.json"), "\"key\": \"PackerCompression\"");

        (await project.BuildCleanlyAsync("UsesCustomBuilder", "--no-restore")).AssertDoesNotContain("Packing");
    }

    [TestMethod]
    public async Task Plugins_with_two_versions_of_one_dependency_work_side_by_side()
    {
        using var project = await TestProject.CreateEmptyAsync();
        var feed = await PluginFeed.AddToAsync(project);
        foreach (var number in new[] { 1, 2 })
        {
            WriteDependency(project, number);
            await feed.PackAsync($"dependency{number}");
            WritePlugin(project, number);
            await feed.PackAsync($"plugin{number}");
        }
        AssertHoldsItsOwnFilesOnly(feed.PathOf("Test.Plugin1", "1.0.0"));
        project.WriteProject("""
            <ItemGroup>
              <PackageReference Include="Test.Plugin1" Version="1.0.0" />
              <PackageReference Include="Test.Plugin2" Version="1.0.0" />
              <PackerImage Include="first" Builder="greet1" Greet="Ada" />
              <PackerImage Include="second" Builder="greet2" Greet="Ada" />
            </ItemGroup>
            """, "<EnableDefaultItems>false</EnableDefaultItems>");

        await project.BuildCleanlyAsync("app.csproj");

        Assert.AreEqual("Ada from dependency 1.0.0.0", await File.ReadAllTextAsync(project.ImageFile("first", "first.txt")));
        Assert.AreEqual("Ada from dependency 2.0.0.0", await File.ReadAllTextAsync(project.ImageFile("second", "second.txt")));
    }

    [TestMethod]
    public async Task A_multi_targeted_project_gets_plugin_and_sdk_as_packages()
    {
        using var project = await TestProject.CreateEmptyAsync();
        var feed = await PluginFeed.AddToAsync(project);
        WriteDependency(project, 1);
        await feed.PackAsync("dependency1");
        WritePlugin(project, 1);
        await feed.PackAsync("plugin1");
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFrameworks>netstandard2.0;net10.0</TargetFrameworks>
                <EnableDefaultItems>false</EnableDefaultItems>
                <PackerGreet>Ada</PackerGreet>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Packer.Sdk" Version="{project.SdkVersion}" PrivateAssets="all" />
                <PackageReference Include="Test.Plugin1" Version="1.0.0" PrivateAssets="all" />
                <PackerImage Include="first" Builder="greet1" />
              </ItemGroup>
            </Project>
            """);

        var output = await project.BuildCleanlyAsync("app.csproj");

        output.AssertEqual("Ada from dependency 1.0.0.0", await File.ReadAllTextAsync(project.PathOf("bin/Debug/images/first/first.txt")), "The image of the outer build.");
    }

    /// <summary>What the SDK brings must not be there a second time.</summary>
    private static void AssertHoldsItsOwnFilesOnly(string path)
    {
        using var package = ZipFile.OpenRead(path);
        var files = package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("tasks/", StringComparison.Ordinal) || name.StartsWith("build", StringComparison.Ordinal) || name.StartsWith("lib/", StringComparison.Ordinal));
        CollectionAssert.AreEquivalent(
            new[]
            {
                "build/Test.Plugin1.props", "build/Test.Plugin1.targets", "buildMultiTargeting/Test.Plugin1.props", "buildMultiTargeting/Test.Plugin1.targets",
                "tasks/net10.0/Test.Plugin1.dll", "tasks/net10.0/Test.Plugin1.deps.json", "tasks/net10.0/Test.Dependency.dll",
            },
            files.ToArray());
    }

    private static void WriteDependency(TestProject project, int number)
    {
        project.Write($"dependency{number}/dependency{number}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <AssemblyName>Test.Dependency</AssemblyName>
                <PackageId>Test.Dependency</PackageId>
                <Version>{number}.0.0</Version>
              </PropertyGroup>
            </Project>
            """);
        project.Write($"dependency{number}/Greeting.cs", """
            namespace Test;
            public static class Greeting
            {
                public static string From(string name) => $"{name} from dependency {typeof(Greeting).Assembly.GetName().Version}";
            }
            """);
    }

    private static void WritePlugin(TestProject project, int number)
    {
        project.Write($"plugin{number}/Test.Plugin{number}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <PackerPluginPackage>true</PackerPluginPackage>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Packer.Build.Tasks" Version="{project.SdkVersion}" />
                <PackageReference Include="Test.Dependency" Version="[{number}.0.0]" />
              </ItemGroup>
            </Project>
            """);
        project.Write($"plugin{number}/GreetBuilder.cs", $$"""
            using Packer;

            [PackerBuilder("greet{{number}}", Provisions = false)]
            public sealed class GreetBuilder : Builder<GreetConfig>
            {
                protected override async Task<IArtifact> BuildAsync(GreetConfig config, BuildContext context, CancellationToken token)
                {
                    var path = Path.Combine(context.OutputDirectory, context.Image + ".txt");
                    await File.WriteAllTextAsync(path, Test.Greeting.From(config.Greet), token);
                    return new Artifact("test.greet", context.Image, [path]);
                }
            }

            public sealed record GreetConfig
            {
                [ConfigRequired]
                public string Greet { get; init; } = "";
            }
            """);
    }
}
