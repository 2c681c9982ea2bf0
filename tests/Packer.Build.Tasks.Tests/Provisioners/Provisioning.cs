using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Engine;
using Packer.Tests.Engine;

namespace Packer.Tests.Provisioners;

/// <summary>A project, and a machine with a folder of its own, for one provisioner.</summary>
internal sealed class Provisioning : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("packer-provision-").FullName;
    private readonly SecretRedactor secrets = new();
    private readonly ProcessRunner processes;

    public Provisioning()
    {
        Project = Directory.CreateDirectory(Path.Combine(folder, "project")).FullName;
        Remote = Directory.CreateDirectory(Path.Combine(folder, "machine")).FullName;
        Communicator = new LocalCommunicator(Remote);
        processes = new ProcessRunner(Path.Combine(folder, "processes"), CancellationToken.None);
    }

    /// <summary>The folder of the project.</summary>
    public string Project { get; }

    /// <summary>The folder of the machine.</summary>
    public string Remote { get; }

    public LocalCommunicator Communicator { get; }

    public TestUi Ui { get; init; } = new();

    public Dictionary<string, object?> Data { get; } = [];

    /// <summary>Runs on the machine in place of <see cref="Communicator"/>.</summary>
    public ICommunicator? Other { get; set; }

    public string[] RemoteFiles => [.. Directory.EnumerateFileSystemEntries(Remote, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Remote, path)).Order(StringComparer.Ordinal)];

    public string AddFile(string name, string text)
    {
        var path = Path.Combine(Project, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string AddRemoteFile(string name, string text)
    {
        var path = Path.Combine(Remote, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public PrepareResult Prepare(IProvisioner provisioner, JsonObject keys, bool running = false)
    {
        var layer = new ConfigLayer(ConfigLayerKind.Item);
        foreach (var (key, value) in keys) layer.Add(key, value?.DeepClone());
        var environment = new TemplateEnvironment
        {
            BuildName = "web", BuildType = "test", ProjectDirectory = Project, PackerVersion = "1.0",
            Run = !running ? null : new TemplateRunValues { StartTime = DateTimeOffset.UnixEpoch, BuildData = key => Data.GetValueOrDefault(key)?.ToString(), Artifact = _ => null },
        };
        return provisioner.Prepare(PrepareContext.FromLayers(new ConfigDecoder(), [layer], new DecodeContext
        {
            Owner = "provisioner 'test' of image 'web'",
            ProjectDirectory = Project,
            Templates = new TemplateEngine(TemplateFunctions.Standard(environment)),
            TemplatesMustBeComplete = running,
        }));
    }

    /// <summary>Prepares a provisioner as right before its run, and runs it.</summary>
    public async Task RunAsync(IProvisioner provisioner, JsonObject keys, CancellationToken token, CancellationToken hurry = default)
    {
        var prepared = Prepare(provisioner, keys, running: true);
        Assert.IsTrue(prepared.Succeeded, string.Join('\n', prepared.Diagnostics));
        await provisioner.ProvisionAsync(new ProvisionContext(Ui, Other ?? Communicator, Data, Context(hurry)), token);
    }

    /// <summary>Runs what must fail, and returns its error.</summary>
    public async Task<PackerException> FailAsync(IProvisioner provisioner, JsonObject keys, CancellationToken token) =>
        await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(provisioner, keys, token));

    public void Dispose()
    {
        processes.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(folder, recursive: true);
    }

    private BuildContext Context(CancellationToken hurry) => new()
    {
        Image = "web",
        RunId = "00000000-0000-0000-0000-000000000001",
        BuilderType = "test",
        Ui = Ui,
        Hook = null!,
        Cache = null!,
        OutputDirectory = "/nowhere",
        ProjectDirectory = Project,
        TemporaryDirectory = Directory.CreateDirectory(Path.Combine(folder, "temporary")).FullName,
        LogDirectory = folder,
        Processes = processes,
        Secrets = secrets,
        Hurry = hurry,
    };
}
