namespace Packer.Sdk.Tests;

/// <summary>
/// A project in a folder of its own, with the packed SDK at hand; disposing it deletes the folder. Its file is <c>app.csproj</c>, unless a test
/// writes other files.
/// </summary>
internal sealed class TestProject : IDisposable
{
    private readonly PackedSdk sdk;

    private TestProject(PackedSdk sdk, string folder)
    {
        this.sdk = sdk;
        Folder = folder;
        // Also a user's cache would be shared between tests.
        Environment["PACKER_CACHE_DIR"] = Path.Combine(folder, "cache");
    }

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>A post-processor that notes each image that is built; see <see cref="TakeBuilt"/>.</summary>
    public const string NoteBuilds = """<PackerPostProcessor Include="shell-local" Inline="echo $PACKER_BUILD_NAME >> built.txt" />""";

    /// <summary>The version of the packed SDK.</summary>
    public string SdkVersion => sdk.Version;

    /// <summary><c>&lt;Sdk Name="Packer.Sdk" Version="…" /&gt;</c></summary>
    public string SdkElement => $"<Sdk Name=\"Packer.Sdk\" Version=\"{sdk.Version}\" />";

    /// <summary>Environment variables for every command; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes an empty folder with the files that keep it apart from everything above it.</summary>
    public static async Task<TestProject> CreateEmptyAsync()
    {
        var sdk = await PackedSdk.GetAsync();
        var folder = Directory.CreateTempSubdirectory("packer-sdk-test-").FullName;
        var project = new TestProject(sdk, folder);
        project.Write("nuget.config", sdk.NuGetConfig);
        foreach (var name in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" }) project.Write(name, "<Project />");
        return project;
    }

    /// <summary>Makes a project of the .NET SDK that uses the packed SDK and compiles nothing but what the test writes.</summary>
    /// <param name="body">What stands in the project: items, properties, targets.</param>
    /// <param name="properties">More properties, as XML.</param>
    public static async Task<TestProject> CreateAsync(string body, string properties = "")
    {
        var project = await CreateEmptyAsync();
        project.WriteProject(body, properties);
        return project;
    }

    /// <summary>Makes a copy of a folder, as of a sample; references to version 0.1.0 of the SDK become references to the packed one.</summary>
    public static async Task<TestProject> CopyAsync(string source)
    {
        var project = await CreateEmptyAsync();
        foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, path);
            if (relative.Split('/', '\\')[..^1].Any(part => part is "bin" or "obj")) continue;
            var target = project.PathOf(relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
            if (Path.GetExtension(path) is not (".csproj" or ".props" or ".targets" or ".json")) continue;
            var text = await File.ReadAllTextAsync(target);
            var packed = text.Replace("\"Packer.Sdk\" Version=\"0.1.0\"", $"\"Packer.Sdk\" Version=\"{project.SdkVersion}\"", StringComparison.Ordinal)
                .Replace("\"Packer.Build.Tasks\" Version=\"0.1.0\"", $"\"Packer.Build.Tasks\" Version=\"{project.SdkVersion}\"", StringComparison.Ordinal)
                .Replace("\"Packer.Sdk\": \"0.1.0\"", $"\"Packer.Sdk\": \"{project.SdkVersion}\"", StringComparison.Ordinal);
            if (packed != text) await File.WriteAllTextAsync(target, packed);
        }
        return project;
    }

    /// <summary>Writes <c>app.csproj</c>; see <see cref="CreateAsync"/>.</summary>
    public void WriteProject(string body, string properties = "") => Write("app.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          {SdkElement}
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            {properties}
          </PropertyGroup>
          {body}
        </Project>
        """);

    /// <summary>Full path of a file below the folder.</summary>
    public string PathOf(string relative) => Path.Combine(Folder, relative);

    /// <summary>Where the file of an image lies, built with the defaults.</summary>
    public string ImageFile(string image, string? file = null) => PathOf(Path.Combine("bin", "Debug", "net10.0", "images", image, file ?? image));

    /// <summary>Writes a text file and returns its full path.</summary>
    public string Write(string relative, string text)
    {
        var path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a shell script that can be executed and returns its full path.</summary>
    public string WriteScript(string relative, string text)
    {
        var path = Write(relative, "#!/bin/sh\n" + text + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public string Read(string relative) => File.ReadAllText(PathOf(relative));

    public bool Exists(string relative) => Path.Exists(PathOf(relative));

    /// <summary>The lines of a file that scripts append to; none where it does not exist.</summary>
    public string[] Lines(string relative) => Exists(relative) ? File.ReadAllLines(PathOf(relative)) : [];

    /// <summary>The images built since the last call, sorted, separated by blanks; a project that asks has <see cref="NoteBuilds"/> in it.</summary>
    public string TakeBuilt()
    {
        var built = string.Join(' ', Lines("built.txt").Order(StringComparer.Ordinal));
        File.Delete(PathOf("built.txt"));
        return built;
    }

    /// <summary>Builds the images alone, without restore and compilation, which is much faster than a whole build.</summary>
    public Task<BuildOutput> BuildImagesAsync(params string[] arguments) => RunAsync("build", ["--no-restore", "-t:PackerBuild", .. arguments]);

    /// <summary>Runs <c>dotnet build</c> to its end.</summary>
    public Task<BuildOutput> BuildAsync(params string[] arguments) => RunAsync("build", arguments);

    /// <summary>Runs <c>dotnet build</c>, which must succeed without a warning.</summary>
    public async Task<BuildOutput> BuildCleanlyAsync(params string[] arguments) => (await BuildAsync(arguments)).AssertSucceeded().AssertNoWarnings();

    /// <summary>Runs <c>dotnet build</c> with a binary log beside the project.</summary>
    public async Task<BuildOutput> BuildWithBinaryLogAsync(params string[] arguments)
    {
        var log = PathOf($"{Guid.NewGuid():N}.binlog");
        return await BuildAsync([.. arguments, $"-bl:{log}"]) with { BinaryLog = log };
    }

    /// <summary>Runs a verb of <c>dotnet</c> to its end, with the switches that make its output plain.</summary>
    public async Task<BuildOutput> RunAsync(string verb, params string[] arguments)
    {
        using var command = Start(verb, arguments);
        return await command.WaitAsync();
    }

    /// <summary>Starts a verb of <c>dotnet</c>.</summary>
    public RunningCommand Start(string verb, params string[] arguments) => DotNet.Start(Folder, Arguments(verb, arguments), Environment);

    /// <summary>The arguments that <see cref="Start"/> gives to <c>dotnet</c>, for a test that starts it in another way.</summary>
    public static IReadOnlyList<string> Arguments(string verb, params string[] arguments) =>
        verb is "build" or "publish" or "clean" or "restore" or "pack" or "msbuild" ? [verb, .. arguments, "-nologo", "-tl:off"] : [verb, .. arguments];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
