using System.Collections.Concurrent;
using System.Diagnostics;
using Packer.Engine;

namespace Packer.Tests.Provisioners;

/// <summary>A connection to this machine: commands run in the real <c>/bin/sh</c>, files are copied below one folder.</summary>
internal sealed class LocalCommunicator(string root) : ICommunicator
{
    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>The mode of each file that was copied to the machine.</summary>
    public ConcurrentDictionary<string, UnixFileMode?> Modes { get; } = [];

    /// <summary>Copies that fail before one succeeds.</summary>
    public int FailingUploads { get; set; }

    /// <summary>Whether the connection ends with a command; the command itself runs to its end.</summary>
    public Func<string, bool> Loses { get; set; } = _ => false;

    /// <summary>Called when a command begins.</summary>
    public Action<string> Starting { get; set; } = _ => { };

    public async Task<int> RunAsync(RemoteCommand command, CancellationToken token)
    {
        Commands.Enqueue(command.Command);
        Starting(command.Command);
        token.ThrowIfCancellationRequested();
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command.Command])
        {
            WorkingDirectory = root, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            process.StandardInput.Close();
            var output = new LineSplitter(command.Output ?? (_ => { })).ReadAsync(process.StandardOutput.BaseStream, token);
            var error = new LineSplitter(command.Error ?? (_ => { })).ReadAsync(process.StandardError.BaseStream, token);
            await Task.WhenAll(output, error, process.WaitForExitAsync(token));
            return Loses(command.Command) ? ICommunicator.ConnectionLost : process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public async Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token)
    {
        // Half of the content is read before it fails: another try must begin anew.
        if (FailingUploads-- > 0)
        {
            content.ReadByte();
            throw new IOException("The connection was refused.");
        }
        Modes[path] = mode;
        await using (var file = File.Create(Below(path))) await content.CopyToAsync(file, token);
        if (mode is { } bits && !OperatingSystem.IsWindows()) File.SetUnixFileMode(path, bits);
    }

    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token)
    {
        Copy(source, Below(destination));
        return Task.CompletedTask;
    }

    public async Task DownloadAsync(string path, Stream content, CancellationToken token)
    {
        await using var file = File.OpenRead(Below(path));
        await file.CopyToAsync(content, token);
    }

    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token)
    {
        Copy(Below(source), destination);
        return Task.CompletedTask;
    }

    private static void Copy(string source, string destination)
    {
        if (!source.EndsWith('/')) destination = Path.Combine(destination, Path.GetFileName(source));
        Directory.CreateDirectory(destination);
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(destination, Path.GetFileName(file)), overwrite: true);
        foreach (var folder in Directory.GetDirectories(source)) Copy(folder, destination);
    }

    private string Below(string path)
    {
        Assert.StartsWith(root, path, "A test must not touch what is not its own.");
        return path;
    }
}
