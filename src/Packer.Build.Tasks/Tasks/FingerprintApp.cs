using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Tasks;

/// <summary>
/// Says whether the app that was published for an image is still the project's app, by the content of what it is made of; and, after a
/// publish, remembers it. What is remembered of an app that is to be published anew is forgotten first, so that a publish that is cut short is never taken
/// for finished. May err on the side of publishing once more, which changes no image: only the content of the app counts there.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class FingerprintApp : CancelableTask
{
    /// <summary>Full paths of the files that the app is made of; a path that does not exist counts too.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Full path of what the compiler made of the project's own sources; empty where that is not looked at by itself.</summary>
    public ITaskItem[] Assembly { get; set; } = [];

    /// <summary>What the compiler was called with, where it has just run; with <see cref="ProjectDirectory"/> and <see cref="IntermediateDirectory"/>.</summary>
    public ITaskItem[] CompilerArguments { get; set; } = [];

    /// <summary>Full path of the project's folder.</summary>
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Full path of the folder for what the build makes in between.</summary>
    public string IntermediateDirectory { get; set; } = "";

    /// <summary>Anything else that the app depends on.</summary>
    public string Settings { get; set; } = "";

    /// <summary>The runtime identifiers asked for.</summary>
    public ITaskItem[] RuntimeIdentifiers { get; set; } = [];

    /// <summary>The name of the item <c>PackerImageApp</c>; empty for the project's own app.</summary>
    public string Name { get; set; } = "";

    /// <summary>Full path of the folder that remembers.</summary>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>After a publish: the apps, with their metadata.</summary>
    public ITaskItem[] Published { get; set; } = [];

    /// <summary>After a publish: what they were made of; empty where that is not known.</summary>
    public string PublishedFingerprint { get; set; } = "";

    /// <summary>After a publish: how the project's own assembly was compiled; empty where that is not known.</summary>
    public string PublishedCompilation { get; set; } = "";

    /// <summary>What the app is made of now.</summary>
    [Output]
    public string Fingerprint { get; set; } = "";

    /// <summary>The apps that are published and current, with their metadata.</summary>
    [Output]
    public ITaskItem[] Current { get; set; } = [];

    /// <summary>How the project's own assembly was compiled; empty where the compiler did not run.</summary>
    [Output]
    public string Compilation { get; set; } = "";

    /// <summary>
    /// Those of the apps that are not current for which nothing changed but the content of sources, and in which <see cref="Assembly"/> was published as the
    /// compiler made it: neither compiled ahead nor trimmed nor changed by a step of the project. Their metadata say how it is made anew:
    /// <c>ResponseFile</c> for the compiler, <c>CompiledAssembly</c> that it makes.
    /// </summary>
    [Output]
    public ITaskItem[] Edited { get; set; } = [];

    private const string AppDirectory = "AppDirectory";
    private const string ResponseFile = "ResponseFile";
    private const string FingerprintName = "fingerprint";
    private const string CompilationName = "compilation";

    private static readonly string[] MetadataNames = [AppDirectory, "EntryPoint", "InvariantGlobalization"];

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        if (Published.Length > 0)
        {
            foreach (var app in Published) await RememberAsync(app, token).ConfigureAwait(false);
            return true;
        }
        var hashes = new FileHashes(Path.Combine(Directory, "app.hashes"));
        var (rest, assembly) = (Compute(Settings, Files, hashes), Compute("", Assembly, hashes));
        hashes.Save();
        Fingerprint = rest + assembly;
        if (CompilerArguments.Length > 0) Compilation = Arguments(CompilerArguments.Select(argument => argument.ItemSpec)).Fingerprint(IntermediateDirectory);
        var (current, edited) = (new List<ITaskItem>(), new List<ITaskItem>());
        foreach (var runtimeIdentifier in RuntimeIdentifiers)
        {
            var memory = Recall(runtimeIdentifier.ItemSpec);
            if (memory?.Fingerprint == Fingerprint)
            {
                current.Add(memory.App);
                continue;
            }
            if (memory is not null && Compilation.Length > 0 && memory.Compilation == Compilation && memory.Fingerprint.StartsWith(rest, StringComparison.Ordinal)) edited.Add(WithCompiler(memory.App));
            File.Delete(MemoryPath(runtimeIdentifier.ItemSpec));
        }
        (Current, Edited) = ([.. current], [.. edited]);
        return true;
    }

    private static string Compute(string settings, ITaskItem[] files, FileHashes hashes)
    {
        var text = new StringBuilder(settings).Append('\n');
        foreach (var path in files.Select(file => file.ItemSpec).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            text.Append(path).Append(' ').Append(File.Exists(path) ? hashes.OfFile(path) : "").Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private CompilerArguments Arguments(IEnumerable<string> arguments) => new([.. arguments], ProjectDirectory);

    private string CompiledDirectory(string runtimeIdentifier) => Path.Combine(Directory, "compiled", runtimeIdentifier);

    private string ResponseFilePath(string runtimeIdentifier) => Path.Combine(Directory, $"app.{runtimeIdentifier}.rsp");

    private ITaskItem WithCompiler(ITaskItem app)
    {
        var directory = CompiledDirectory(app.ItemSpec);
        System.IO.Directory.CreateDirectory(directory);
        app.SetMetadata("CompiledAssembly", Path.Combine(directory, Path.GetFileName(Assembly[0].ItemSpec)));
        app.SetMetadata(ResponseFile, ResponseFilePath(app.ItemSpec));
        return app;
    }

    private string MemoryPath(string runtimeIdentifier) => Path.Combine(Directory, Name.Length == 0 ? $"app.{runtimeIdentifier}.json" : $"app.{Name}.{runtimeIdentifier}.json");

    private Memory? Recall(string runtimeIdentifier)
    {
        try
        {
            var path = MemoryPath(runtimeIdentifier);
            if (!File.Exists(path)) return null;
            var json = JsonNode.Parse(File.ReadAllBytes(path))!;
            var item = new TaskItem(runtimeIdentifier);
            foreach (var name in MetadataNames) item.SetMetadata(name, (string)json[name]!);
            return System.IO.Directory.Exists(item.GetMetadata(AppDirectory)) ? new Memory((string)json[FingerprintName]!, (string?)json[CompilationName] ?? "", item) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or ArgumentNullException)
        {
            return null;
        }
    }

    private async System.Threading.Tasks.Task RememberAsync(ITaskItem app, CancellationToken token)
    {
        if (PublishedFingerprint.Length == 0) return;
        var json = new JsonObject { [FingerprintName] = PublishedFingerprint, [CompilationName] = await RememberCompilerAsync(app, token).ConfigureAwait(false) };
        foreach (var name in MetadataNames) json[name] = app.GetMetadata(name);
        await AtomicFile.WriteAsync(MemoryPath(app.ItemSpec), json.ToJsonString(), token).ConfigureAwait(false);
    }

    /// <summary>Keeps what compiles the app's assembly alone, and returns by what to know that it still holds; empty where it cannot be compiled alone.</summary>
    private async Task<string> RememberCompilerAsync(ITaskItem app, CancellationToken token)
    {
        if (app.GetMetadata(ResponseFile).Length > 0) return PublishedCompilation;
        var arguments = app.GetMetadata(nameof(CompilerArguments));
        if (PublishedCompilation.Length == 0 || arguments.Length == 0 || !IsAsCompiled(app)) return "";
        var output = Path.Combine(CompiledDirectory(app.ItemSpec), Path.GetFileName(app.GetMetadata(nameof(Assembly))));
        if (Arguments(arguments.Split('\n')).ResponseFile(output) is not { } text) return "";
        await AtomicFile.WriteAsync(ResponseFilePath(app.ItemSpec), text, token).ConfigureAwait(false);
        return PublishedCompilation;
    }

    /// <summary>Whether the app is nothing but the files that publish copies, among them the compiler's as it is.</summary>
    private static bool IsAsCompiled(ITaskItem app)
    {
        var assembly = app.GetMetadata(nameof(Assembly));
        if (assembly.Length == 0) return false;
        var directory = app.GetMetadata(AppDirectory);
        var expected = app.GetMetadata("PublishedFiles").Split(';').Select(name => name.Replace('\\', '/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var published = Path.Combine(directory, Path.GetFileName(assembly));
        return File.Exists(published)
            && System.IO.Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).All(path => expected.Contains(Path.GetRelativePath(directory, path).Replace('\\', '/')))
            && File.ReadAllBytes(published).AsSpan().SequenceEqual(File.ReadAllBytes(assembly));
    }

    /// <param name="Fingerprint">What the app was made of.</param>
    /// <param name="Compilation">How its assembly was compiled; empty where it cannot be compiled alone.</param>
    /// <param name="App">The app, with its metadata.</param>
    private sealed record Memory(string Fingerprint, string Compilation, ITaskItem App);
}
