using Packer.Engine;
using Packer.Tests.Engine;

namespace Packer.Tests.Steps;

/// <summary>The folders of a build that runs steps.</summary>
internal sealed class StepFolder : IAsyncDisposable
{
    private readonly TemporaryDirectory folder = TemporaryDirectory.Create();

    public StepFolder()
    {
        Directory.CreateDirectory(Project);
        Directory.CreateDirectory(Temporary);
    }

    public TestUi Ui { get; } = new();

    public string Project => Path.Combine(folder.FullPath, "project");

    public string Temporary => Path.Combine(folder.FullPath, "temporary");

    public string this[string name] => Path.Combine(Project, name);

    /// <summary>Writes a file of the project.</summary>
    public string Add(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public BuildContext Context(ICache? cache = null) => new()
    {
        Image = "web",
        RunId = "00000000-0000-0000-0000-000000000001",
        BuilderType = "test",
        Ui = Ui,
        Hook = null!,
        Cache = cache!,
        OutputDirectory = "/nowhere",
        ProjectDirectory = Project,
        TemporaryDirectory = Temporary,
        LogDirectory = Temporary,
        Processes = null!,
        Secrets = new SecretRedactor(),
    };

    public ValueTask DisposeAsync() => folder.DisposeAsync();
}
