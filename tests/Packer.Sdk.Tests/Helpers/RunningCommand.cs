using System.Diagnostics;
using System.Text;

namespace Packer.Sdk.Tests;

/// <summary>A command that runs. What it writes is collected; disposing it ends it with all that it started.</summary>
internal sealed class RunningCommand : IDisposable
{
    private readonly StringBuilder text = new();
    private readonly Lock gate = new();
    private readonly string commandLine;

    public RunningCommand(ProcessStartInfo start)
    {
        commandLine = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, line) => Append(line.Data);
        Process.ErrorDataReceived += (_, line) => Append(line.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
        Process.StandardInput.Close();
    }

    public Process Process { get; }

    /// <summary>What it has written so far, both streams.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (gate) return text.ToString();
        }
    }

    /// <summary>Waits until it has ended and all that it wrote has arrived.</summary>
    public async Task<BuildOutput> WaitAsync(CancellationToken token = default)
    {
        await Process.WaitForExitAsync(token);
        return new BuildOutput(commandLine, Process.ExitCode, OutputSoFar);
    }

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        Process.Dispose();
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (gate) text.Append(line).Append('\n');
    }
}
