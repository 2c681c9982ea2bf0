namespace Packer.Tests;

/// <summary>Finds the external tools that a test needs.</summary>
internal static class Rig
{
    /// <summary>Ends the test as inconclusive, or as failed where PACKER_REQUIRE_RIGS=1, unless every tool is on the path.</summary>
    public static void Require(params string[] tools)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(["/usr/sbin", "/sbin"]).ToArray();
        var missing = tools.Where(tool => !folders.Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, tool)))).ToArray();
        if (missing.Length > 0) Skip(string.Join(", ", missing));
    }

    /// <summary>Ends the test as <see cref="Require"/> does, unless a folder is there.</summary>
    public static void RequireFolder(string path)
    {
        if (!Directory.Exists(path)) Skip($"the folder '{path}'");
    }

    /// <summary>Ends the test as <see cref="Require"/> does, unless a file is there.</summary>
    public static void RequireFile(string path)
    {
        if (!File.Exists(path)) Skip($"the file '{path}'");
    }

    private static void Skip(string needed)
    {
        var message = $"Skipped: this test needs {needed}.";
        if (Environment.GetEnvironmentVariable("PACKER_REQUIRE_RIGS") == "1") Assert.Fail(message);
        Assert.Inconclusive(message);
    }
}
