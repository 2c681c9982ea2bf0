using System.Runtime.CompilerServices;

namespace Packer.Tests;

/// <summary>Files of the repository that tests look at.</summary>
internal static class RepositoryFiles
{
    /// <summary>Full path of the repository.</summary>
    public static string Root { get; } = FindRoot();

    public static string FullPath(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>
    /// Compares a generated file with what it should be. With PACKER_UPDATE_GENERATED=1 it is written instead, which is how it is renewed.
    /// </summary>
    public static void AssertGenerated(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable("PACKER_UPDATE_GENERATED") == "1") File.WriteAllText(path, expected);
        var actual = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.AreEqual(expected, actual, $"'{path}' is stale. Run the tests once with PACKER_UPDATE_GENERATED=1 and commit it.");
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Packer.slnx"))) return folder;
        throw new InvalidOperationException("The repository cannot be found from the path of its sources.");
    }
}
