using System.Runtime.CompilerServices;

namespace Packer.Sdk.Tests;

/// <summary>Places in the repository.</summary>
internal static class Repository
{
    /// <summary>Full path of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration that the tests, and so the SDK, were built in.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Full path of a file or folder of the repository.</summary>
    public static string FullPath(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Full path of the plugin that the tests use.</summary>
    public static string TestPlugin { get; } = FullPath("tests", "Packer.Sdk.Tests", "TestPlugin", "bin", Configuration, "net10.0", "Packer.TestPlugin.dll");

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Packer.slnx"))) return folder;
        throw new InvalidOperationException("The repository cannot be found from the path of its sources.");
    }
}
