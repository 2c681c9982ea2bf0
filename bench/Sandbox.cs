using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;

namespace Packer.Bench;

/// <summary>The folder <c>artifacts/bench</c>: projects that use the package as any user's would, cut off from the repository's own settings.</summary>
internal sealed class Sandbox
{
    private const string Salt = "MSBUILDNODEHANDSHAKESALT";

    private static readonly string Repository = Path.GetDirectoryName(Path.GetDirectoryName(SourcePath())!)!;
    private readonly string nodeSalt = $"packer-bench-{Guid.NewGuid():N}";

    /// <summary>Full path of the folder.</summary>
    public static string Folder => Path.Combine(Repository, "artifacts", "bench");

    private static string Packages => Path.Combine(Repository, "artifacts", "packages");

    /// <summary>Nodes that nobody else uses, and that are found again by their environment.</summary>
    private Dictionary<string, string?> BaseEnvironment => new(StringComparer.Ordinal)
    {
        [Salt] = nodeSalt,
        ["MSBUILDDISABLENODEREUSE"] = null,
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        // A compiler server would be everybody's, and must not be ended with the nodes.
        ["UseSharedCompilation"] = "false",
        ["PACKER_CACHE_DIR"] = Path.Combine(Folder, "cache"),
    };

    /// <summary>Packs the SDK and writes what all projects share.</summary>
    public async Task PrepareAsync(bool pack)
    {
        if (pack)
        {
            Console.Error.WriteLine("Packing src/Packer.Sdk…");
            await new Command("dotnet", ["pack", Path.Combine(Repository, "src", "Packer.Sdk"), "-c", "Release", "-v:q", "-nodeReuse:false"], Repository, new Dictionary<string, string?>()).RunAsync();
        }
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "Directory.Build.props"), "<Project />\n");
        await File.WriteAllTextAsync(Path.Combine(Folder, "Directory.Build.targets"), "<Project />\n");
        await File.WriteAllTextAsync(Path.Combine(Folder, "Directory.Packages.props"), "<Project />\n");
        await File.WriteAllTextAsync(Path.Combine(Folder, "nuget.config"), $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="{Path.Combine(Folder, "packages")}" />
              </config>
              <packageSources>
                <add key="packer-bench" value="{Packages}" />
              </packageSources>
            </configuration>

            """);
    }

    /// <summary>Full path of a file or folder of the repository.</summary>
    public string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([Repository, .. parts]));

    /// <summary>Makes a console app, restores it and builds it once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="items">The items of the SDK; null makes the project without the SDK.</param>
    /// <param name="sdk">The SDK of .NET.</param>
    /// <param name="program">The text of the program.</param>
    /// <param name="properties">More properties, in XML.</param>
    /// <returns>Full path of its folder.</returns>
    public async Task<string> CreateProjectAsync(string name, string? items, string sdk = "Microsoft.NET.Sdk", string program = "System.Console.WriteLine(\"Hello\");\n", string properties = "")
    {
        var folder = CreateFolder(name);
        var project = new StringBuilder($"<Project Sdk=\"{sdk}\">\n");
        if (items is not null) project.Append("  <Sdk Name=\"Packer.Sdk\" Version=\"").Append(PackageVersion()).Append("\" />\n");
        project.Append("  <PropertyGroup>\n    <OutputType>Exe</OutputType>\n    <TargetFramework>net10.0</TargetFramework>\n").Append(properties).Append("  </PropertyGroup>\n");
        if (items is not null) project.Append("  <ItemGroup>\n").Append(items).Append("  </ItemGroup>\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "app.csproj"), project.Append("</Project>\n").ToString());
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
        await DotNet(folder, ["build", "-v:q"]).RunAsync();
        return folder;
    }

    /// <summary>Publishes a sample as an image takes it, without the image.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="output">Full path of the folder that gets it.</param>
    public async Task PublishSampleAsync(string name, string output)
    {
        var folder = CreateFolder(name);
        foreach (var path in Directory.EnumerateFiles(PathOf("samples", name))) File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        var project = Path.Combine(folder, name + ".csproj");
        var text = XDocument.Load(project);
        text.Descendants().Where(element => element.Name.LocalName is "Sdk" or "PackerImage").Remove();
        text.Save(project);
        await DotNet(folder, ["publish", "-c", "Release", "-r", "linux-x64", "--self-contained", "-v:q", "-o", output]).RunAsync();
    }

    /// <summary>Makes an empty folder beside the other projects.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its full path.</returns>
    public string CreateFolder(string name) => Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;

    /// <summary>Images in XML, one a line.</summary>
    public static string Images(int count, string builder, string attributes = "") =>
        string.Concat(Enumerable.Range(1, count).Select(number => $"    <PackerImage Include=\"image{number}\" Builder=\"{builder}\" {attributes}/>\n"));

    /// <summary>A command of the .NET SDK with nodes of our own that are used again.</summary>
    public Command DotNet(string folder, IReadOnlyList<string> arguments) => new("dotnet", arguments, folder, BaseEnvironment);

    /// <summary>The same with a compiler server, of our own as well, as at a developer's desk.</summary>
    public Command DotNetWithCompilerServer(string folder, IReadOnlyList<string> arguments) =>
        new("dotnet", arguments, folder, new Dictionary<string, string?>(BaseEnvironment) { ["UseSharedCompilation"] = null, ["SharedCompilationId"] = nodeSalt });

    /// <summary>A command of the .NET SDK after which nothing lives on, so that all of its cost is seen.</summary>
    public Command DotNetWithoutReuse(string folder, IReadOnlyList<string> arguments) =>
        new("dotnet", arguments, folder, new Dictionary<string, string?>(BaseEnvironment) { ["MSBUILDDISABLENODEREUSE"] = "1" });

    /// <summary>The original, with its look for updates switched off.</summary>
    public Command Packer(string folder, IReadOnlyList<string> arguments) =>
        new("packer", arguments, folder, new Dictionary<string, string?>(BaseEnvironment) { ["CHECKPOINT_DISABLE"] = "1" });

    /// <summary>Ends the nodes that our builds left waiting. Elsewhere than on Linux they end by themselves after a quarter of an hour.</summary>
    public void EndNodes()
    {
        if (OperatingSystem.IsLinux()) ProcessFamily.EndByEnvironment($"{Salt}={nodeSalt}");
    }

    /// <summary>How many nodes wait for our next build; 0 where that cannot be seen.</summary>
    public int WaitingNodes() => OperatingSystem.IsLinux() ? ProcessFamily.CountByEnvironment($"{Salt}={nodeSalt}") : 0;

    /// <summary>Full path of the package that was made last.</summary>
    public static string PackagePath() => new DirectoryInfo(Packages).GetFiles("Packer.Sdk.*.nupkg").MaxBy(file => file.LastWriteTimeUtc)?.FullName
        ?? throw new InvalidOperationException($"There is no package in '{Packages}'. Run without --no-pack.");

    private static string PackageVersion() => Path.GetFileNameWithoutExtension(PackagePath())["Packer.Sdk.".Length..];

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
