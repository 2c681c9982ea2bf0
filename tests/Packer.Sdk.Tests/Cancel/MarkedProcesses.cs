using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>The processes of one test: all that inherited its mark in their environment, wherever they went.</summary>
internal sealed class MarkedProcesses
{
    public const string Variable = "PACKER_CANCEL_TEST";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The value of the variable.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Those that run, with their command lines. Zombies are gone.</summary>
    public IReadOnlyDictionary<int, string> Running()
    {
        var mark = Encoding.ASCII.GetBytes($"{Variable}={Mark}");
        var found = new Dictionary<int, string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId) continue;
            try
            {
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(mark) < 0) continue;
                found[id] = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).Replace('\0', ' ');
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
            }
        }
        return found;
    }

    /// <summary>Waits until none runs any more.</summary>
    /// <param name="butNodes">Nodes of MSBuild may stay, to be used again.</param>
    public async Task WaitForEndAsync(bool butNodes = false)
    {
        IReadOnlyList<KeyValuePair<int, string>> Left() => [.. Running().Where(process => !butNodes || !process.Value.Contains("nodemode:", StringComparison.OrdinalIgnoreCase))];
        var clock = Stopwatch.StartNew();
        for (var running = Left(); running.Count > 0; running = Left())
        {
            if (clock.Elapsed > Patience) Assert.Fail("These processes are left:\n" + string.Join('\n', running.Select(process => $"{process.Key} {process.Value}")));
            await Task.Delay(50);
        }
    }

    /// <summary>Ends those that run, each by its id.</summary>
    public void End()
    {
        foreach (var id in Running().Keys) Signals.Send("KILL", id);
    }
}
