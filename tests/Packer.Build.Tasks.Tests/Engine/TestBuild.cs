namespace Packer.Tests.Engine;

/// <summary>Makes builds for what needs one.</summary>
internal static class TestBuild
{
    public static BuildContext Context(IUi ui, OnError onError = OnError.Cleanup, bool debug = false, CancellationToken hurry = default, string folder = "/nowhere") => new()
    {
        Image = "web",
        RunId = "00000000-0000-0000-0000-000000000001",
        BuilderType = "test",
        Ui = ui,
        Hook = null!,
        Cache = null!,
        OutputDirectory = folder,
        ProjectDirectory = "/nowhere",
        TemporaryDirectory = folder,
        LogDirectory = "/nowhere",
        Processes = null!,
        Secrets = new SecretRedactor(),
        OnError = onError,
        Debug = debug,
        Hurry = hurry,
    };
}
