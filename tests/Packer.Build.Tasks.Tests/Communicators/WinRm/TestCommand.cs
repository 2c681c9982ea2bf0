using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>One command of the stand-in: a real <c>/bin/sh</c>, or what stands for the few PowerShell scripts that the communicator sends.</summary>
internal sealed partial class TestCommand : IAsyncDisposable
{
    private const int PieceSize = 16 * 1024;

    private readonly Pipe input = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false));
    private readonly Channel<(string Name, byte[] Bytes)> output = Channel.CreateBounded<(string, byte[])>(8);
    private readonly CancellationTokenSource end = new();

    private TestCommand(string line, TestWsManService service) => ExitCode = RunAsync(line, service);

    public ChannelReader<(string Name, byte[] Bytes)> Output => output.Reader;

    public Task<int> ExitCode { get; }

    public static TestCommand Start(string line, TestWsManService service) => new(line, service);

    /// <summary>Gives the command what it reads; false where it has ended.</summary>
    public async Task<bool> SendAsync(byte[] bytes, bool isEnd, CancellationToken token)
    {
        if (ExitCode.IsCompleted || (await input.Writer.WriteAsync(bytes, token)).IsCompleted) return false;
        if (isEnd) await input.Writer.CompleteAsync();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        output.Writer.TryComplete();
        await ((Task)ExitCode).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<int> RunAsync(string line, TestWsManService service)
    {
        await Task.Yield();
        try
        {
            // Never with the real one of this machine.
            if (line.StartsWith("shutdown", StringComparison.Ordinal)) return service.Shutdown(line);
            var encoded = EncodedCommand().Match(line);
            if (!encoded.Success) return await ShellAsync(line);
            var script = Encoding.Unicode.GetString(Convert.FromBase64String(encoded.Groups["text"].Value));
            if (service.IsStillBooting) return await SayAsync("stderr", "The term 'Write-Output' is not recognized.", 1);
            var standIn = new PowerShellStandIn(script, service.BootTime, input.Reader.AsStream(), SayAsync, end.Token);
            return await standIn.RunAsync() ?? await ShellAsync(script);
        }
        finally
        {
            await input.Reader.CompleteAsync();
            output.Writer.TryComplete();
        }
    }

    private async Task<int> ShellAsync(string line)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            _ = FeedAsync(process);
            await Task.WhenAll(CopyAsync(process.StandardOutput.BaseStream, "stdout"), CopyAsync(process.StandardError.BaseStream, "stderr"));
            await process.WaitForExitAsync(end.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private async Task FeedAsync(Process process)
    {
        try
        {
            await input.Reader.CopyToAsync(process.StandardInput.BaseStream, end.Token);
            process.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task CopyAsync(Stream from, string name)
    {
        var buffer = new byte[PieceSize];
        int count;
        while ((count = await from.ReadAsync(buffer, end.Token)) > 0) await output.Writer.WriteAsync((name, buffer[..count]), end.Token);
    }

    private async Task<int> SayAsync(string name, string line, int exitCode)
    {
        await output.Writer.WriteAsync((name, Encoding.UTF8.GetBytes(line + "\r\n")), end.Token);
        return exitCode;
    }

    [GeneratedRegex(@"\Apowershell(\.exe)?\s.*-encodedcommand\s+(?<text>\S+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex EncodedCommand();
}
