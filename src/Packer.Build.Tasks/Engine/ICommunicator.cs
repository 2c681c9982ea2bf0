namespace Packer;

/// <summary>The connection to a machine that is being built: runs commands there and moves files.</summary>
public interface ICommunicator
{
    /// <summary>Exit status that stands for a connection lost before the command ended. Never taken for success. Packer's value.</summary>
    const int ConnectionLost = 2300218;

    /// <summary>Runs a command and returns its exit status, or <see cref="ConnectionLost"/>.</summary>
    /// <param name="command">The command line, its input and where its output goes.</param>
    /// <param name="token">Ends the command.</param>
    Task<int> RunAsync(RemoteCommand command, CancellationToken token);

    /// <summary>Writes a file on the machine.</summary>
    /// <param name="path">The path there.</param>
    /// <param name="content">Read to its end.</param>
    /// <param name="mode">Unix permission bits for the file, or null for the machine's default.</param>
    /// <param name="token">Stops the upload.</param>
    Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token);

    /// <summary>Copies a folder to the machine. A source that ends in a separator gives its contents, one that does not the folder itself.</summary>
    /// <param name="destination">The folder there.</param>
    /// <param name="source">The folder here.</param>
    /// <param name="excludes">Globs of paths, relative to the source, that are left out.</param>
    /// <param name="token">Stops the upload.</param>
    Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token);

    /// <summary>Reads a file of the machine.</summary>
    /// <param name="path">The path there.</param>
    /// <param name="content">Where its bytes go.</param>
    /// <param name="token">Stops the download.</param>
    Task DownloadAsync(string path, Stream content, CancellationToken token);

    /// <summary>Copies a folder of the machine here, with the same rule for a separator at the end of the source.</summary>
    /// <param name="source">The folder there.</param>
    /// <param name="destination">The folder here.</param>
    /// <param name="excludes">Globs of paths, relative to the source, that are left out.</param>
    /// <param name="token">Stops the download.</param>
    Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token);
}

/// <summary>A command for a machine.</summary>
/// <param name="Command">The command line, as the machine's shell reads it.</param>
public sealed record RemoteCommand(string Command)
{
    /// <summary>What the command reads, or null for nothing.</summary>
    public Stream? Input { get; init; }

    /// <summary>Receives each line of standard output as it comes, or null.</summary>
    public Action<string>? Output { get; init; }

    /// <summary>Receives each line of standard error as it comes, or null.</summary>
    public Action<string>? Error { get; init; }
}
