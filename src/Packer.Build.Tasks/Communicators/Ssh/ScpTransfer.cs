using System.Net.Sockets;
using System.Text;
using Packer.Engine;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>Copies files with the program <c>scp</c> of the machine.</summary>
/// <param name="start">Starts a command there; gives the connection too.</param>
/// <param name="temporaryDirectory">Full path of a folder for streams whose length is not known before they end.</param>
internal sealed class ScpTransfer(Func<string, CancellationToken, Task<SshProcess>> start, string temporaryDirectory) : IFileTransfer
{
    private const int NotFound = 127;
    private const int LongestError = 4096;
    private const UnixFileMode DefaultMode = (UnixFileMode)0b110_100_100;
    private const int BufferSize = 128 * 1024;

    public async Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token)
    {
        if (LengthOf(content) is { } known)
        {
            await SendAsync(content, known).ConfigureAwait(false);
            return;
        }
        // The protocol wants the length first.
        var spool = Path.Combine(temporaryDirectory, $"upload-{Guid.NewGuid():N}");
        Directory.CreateDirectory(temporaryDirectory);
        await using var file = new FileStream(spool, System.IO.FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await content.CopyToAsync(file, token).ConfigureAwait(false);
        file.Position = 0;
        await SendAsync(file, file.Length).ConfigureAwait(false);

        Task SendAsync(Stream stream, long length)
        {
            var (folder, name) = RemotePath.Split(path);
            // -d, which no manual names: the target is a folder. Without it a folder that is missing becomes a file.
            var options = mode is null ? "-td" : "-ptd";
            return RunAsync($"scp {options} -- {RemotePath.Quote(folder)}", $"The file '{path}' could not be written in the machine", async scp =>
            {
                await scp.SendAsync(Record('C', mode ?? DefaultMode, length, name), token).ConfigureAwait(false);
                await scp.SendAsync(stream, length, token).ConfigureAwait(false);
            }, sends: true, token);
        }
    }

    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var folder = new LocalFolder(new PathGlobs(excludes));
        var root = LocalFolder.Root(source);
        var quoted = RemotePath.Quote(destination);
        return RunAsync($"mkdir -p -- {quoted} && scp -rpt -- {quoted}", $"The folder '{source}' could not be copied to '{destination}' in the machine", async scp =>
        {
            if (Path.EndsInDirectorySeparator(source)) await SendContentsAsync(scp, folder, root, token).ConfigureAwait(false);
            else await SendFolderAsync(scp, folder, root, token).ConfigureAwait(false);
        }, sends: true, token);
    }

    public Task DownloadAsync(string path, Stream content, CancellationToken token) =>
        RunAsync($"scp -f -- {RemotePath.Quote(path)}", $"The file '{path}' could not be read in the machine", async scp =>
        {
            scp.Accept();
            var record = await scp.ReceiveAsync(static message => throw new ScpException(message), token).ConfigureAwait(false) ?? throw new ScpException("") { IsEnd = true };
            var (kind, _, size, _) = ScpStream.Parse(record);
            if (kind != 'C') throw new ScpException("it is not a file");
            scp.Accept();
            await scp.ReceiveAsync(content, size, token).ConfigureAwait(false);
        }, sends: false, token);

    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var globs = new PathGlobs(excludes);
        // Without its separator: 'scp' would give the folder the name '.'.
        return RunAsync($"scp -rf -- {RemotePath.Quote(source.Length > 1 ? source.TrimEnd('/') : source)}", $"The folder '{source}' could not be copied from the machine", async scp =>
        {
            var receiver = new ScpReceiver(scp, destination, withoutRoot: source.EndsWith('/'), globs);
            await receiver.RunAsync(token).ConfigureAwait(false);
        }, sends: false, token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task SendFolderAsync(ScpStream scp, LocalFolder folder, LocalEntry entry, CancellationToken token)
    {
        await scp.SendAsync(Record('D', entry.Mode, 0, entry.Name), token).ConfigureAwait(false);
        await SendContentsAsync(scp, folder, entry, token).ConfigureAwait(false);
        await scp.SendAsync("E", token).ConfigureAwait(false);
    }

    private static async Task SendContentsAsync(ScpStream scp, LocalFolder folder, LocalEntry entry, CancellationToken token)
    {
        foreach (var child in folder.Children(entry))
        {
            token.ThrowIfCancellationRequested();
            if (child.IsFolder)
            {
                await SendFolderAsync(scp, folder, child, token).ConfigureAwait(false);
                continue;
            }
            await using var file = new FileStream(child.Path, System.IO.FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            await scp.SendAsync(Record('C', child.Mode, file.Length, child.Name), token).ConfigureAwait(false);
            await scp.SendAsync(file, file.Length, token).ConfigureAwait(false);
        }
    }

    private static string Record(char kind, UnixFileMode mode, long length, string name) => name.Contains('\n', StringComparison.Ordinal)
        ? throw new ScpException($"scp cannot copy a name with a line end, '{name}'. Set SshFileTransferMethod to 'sftp'")
        : FormattableString.Invariant($"{kind}{UnixModes.Octal(mode)} {length} {name}");

    private static long? LengthOf(Stream content)
    {
        try
        {
            return content.Length - content.Position;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private async Task RunAsync(string command, string failure, Func<ScpStream, Task> copy, bool sends, CancellationToken token)
    {
        await using var process = await start(command, token).ConfigureAwait(false);
        var said = new StringBuilder();
        var error = new LineSplitter(line => { if (said.Length < LongestError) said.Append(line).Append(' '); }).ReadAsync(process.Error, CancellationToken.None);
        ScpException? failed = null;
        try
        {
            await process.CopyAsync(input => copy(new ScpStream(input, process.Output)), token).ConfigureAwait(false);
        }
        catch (ScpException exception)
        {
            failed = exception;
        }
        catch (Exception exception) when (exception is SshException or SocketException or InvalidOperationException)
        {
            // It has ended, or the connection; its status tells.
            failed = new ScpException(exception.Message) { IsEnd = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Error(exception.Message.TrimEnd('.'));
        }
        // One that was told of an error ends when its input does; one that only sent may wait for a word that never comes.
        if (failed is { IsEnd: false } && !sends) throw Error(failed.Message);
        var status = await process.WaitAsync(TimeSpan.Zero, TimeSpan.Zero, token).ConfigureAwait(false);
        await error.ConfigureAwait(false);
        if (failed is null && status == 0) return;
        if (status == ICommunicator.ConnectionLost) throw Error("the connection was lost");
        if (status == NotFound && failed is null or { IsEnd: true }) throw Error("the program 'scp' is not there. Install it in the machine, or set SshFileTransferMethod to 'sftp'");
        throw Error(failed is { IsEnd: false } ? failed.Message : said.Length > 0 ? said.ToString().Trim() : $"scp ended with exit status {status}");

        PackerException Error(string reason) => new(DiagnosticCodes.TransferFailed, $"{failure}: {reason}.", failed);
    }
}
