using System.Diagnostics;

namespace Packer.Bench;

/// <summary>A program with its arguments, run in a folder with changes to the environment.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Directory">Full path of its working folder.</param>
/// <param name="Environment">What is set in its environment; null takes a variable away.</param>
internal sealed record Command(string Program, IReadOnlyList<string> Arguments, string Directory, IReadOnlyDictionary<string, string?> Environment)
{
    /// <summary>Runs it to its end and returns the seconds that it took.</summary>
    /// <param name="heard">Is given each line of its output as it comes.</param>
    /// <exception cref="InvalidOperationException">It failed; a benchmark of failures would tell nothing.</exception>
    public async Task<double> RunAsync(Action<string>? heard = null)
    {
        var start = new ProcessStartInfo(Program, Arguments) { WorkingDirectory = Directory, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in Environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        // Nodes that live on keep the pipes open: the end of the process counts, not that of its output.
        var output = ReadAsync(process.StandardOutput, heard);
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        var seconds = clock.Elapsed.TotalSeconds;
        if (process.ExitCode == 0) return seconds;
        throw new InvalidOperationException($"'{Program} {string.Join(' ', Arguments)}' ended with {process.ExitCode}:\n{await output.ConfigureAwait(false)}{await error.ConfigureAwait(false)}");
    }

    private static async Task<string> ReadAsync(StreamReader reader, Action<string>? heard)
    {
        var text = new System.Text.StringBuilder();
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            heard?.Invoke(line);
            text.Append(line).Append('\n');
        }
        return text.ToString();
    }
}
