using System.Diagnostics;

namespace Packer.Sdk.Tests;

/// <summary>Runs the dotnet command as a user does: without what the tests' own environment says about MSBuild.</summary>
internal static class DotNet
{
    private static readonly string[] ForeignPrefixes = ["MSBUILD", "CI", "GITHUB_", "TF_BUILD", "PACKER_", "VSTEST", "TESTINGPLATFORM", "DOTNET_HOST_PATH", "DOTNET_CLI_USE_MSBUILD_SERVER"];

    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        // A reused node would keep the task assembly of an earlier run.
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
    };

    /// <summary>How a command starts. A variable whose value is null is removed.</summary>
    public static ProcessStartInfo StartInfo(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in Defaults) start.Environment[name] = value;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        return start;
    }

    /// <summary>Starts a command and collects what it writes.</summary>
    public static RunningCommand Start(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        new(StartInfo(directory, arguments, environment));

    /// <summary>Runs a command to its end.</summary>
    public static async Task<BuildOutput> RunAsync(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken token = default)
    {
        using var command = Start(directory, arguments, environment);
        return await command.WaitAsync(token);
    }

    private static bool IsForeign(string name) =>
        name == "CI" || ForeignPrefixes.Any(prefix => prefix != "CI" && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
