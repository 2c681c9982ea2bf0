namespace Packer.Tests.Provisioners;

/// <summary>Stands for a machine of a kind that is not here: keeps what goes over the connection, and answers as the test says.</summary>
internal sealed class RecordingCommunicator : ICommunicator
{
    public List<string> Commands { get; } = [];

    public List<(string Path, string Text)> Uploads { get; } = [];

    /// <summary>The exit code and the output of a command; may throw.</summary>
    public Func<string, (int ExitCode, string Output)> Answer { get; set; } = _ => (0, "");

    /// <summary>Copies that fail before one succeeds.</summary>
    public int FailingUploads { get; set; }

    public Task<int> RunAsync(RemoteCommand command, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Commands.Add(command.Command);
        var (exitCode, output) = Answer(command.Command);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries)) command.Output?.Invoke(line);
        return Task.FromResult(exitCode);
    }

    public async Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token)
    {
        if (FailingUploads-- > 0)
        {
            content.ReadByte();
            throw new IOException("The connection was refused.");
        }
        using var reader = new StreamReader(content);
        Uploads.Add((path, await reader.ReadToEndAsync(token)));
    }

    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();

    public Task DownloadAsync(string path, Stream content, CancellationToken token) => throw new NotSupportedException();

    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();
}
