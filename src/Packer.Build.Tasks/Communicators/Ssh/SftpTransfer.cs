using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Sftp;

namespace Packer.Communicators.Ssh;

/// <summary>Copies files over SFTP, on a connection of its own. Many writes are on their way at a time, so that the distance to the machine does not count.</summary>
/// <param name="connect">Connects.</param>
internal sealed class SftpTransfer(Func<CancellationToken, Task<SshLink<SftpClient>>> connect) : IFileTransfer
{
    private const int DeepestFolder = 64;

    private SshLink<SftpClient>? link;

    public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) =>
        RunAsync($"The file '{path}' could not be written in the machine", sftp => UploadFileAsync(sftp, RemotePath.WithoutHome(path), content, mode, token), token);

    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var folder = new LocalFolder(new PathGlobs(excludes));
        var root = LocalFolder.Root(source);
        var to = RemotePath.WithoutHome(destination);
        return RunAsync($"The folder '{source}' could not be copied to '{destination}' in the machine", async sftp =>
        {
            await MakeFoldersAsync(sftp, to, token).ConfigureAwait(false);
            if (Path.EndsInDirectorySeparator(source)) await UploadContentsAsync(sftp, folder, root, to, token).ConfigureAwait(false);
            else await UploadFolderAsync(sftp, folder, root, RemotePath.Join(to, root.Name), token).ConfigureAwait(false);
        }, token);
    }

    public Task DownloadAsync(string path, Stream content, CancellationToken token) =>
        RunAsync($"The file '{path}' could not be read in the machine", sftp => sftp.DownloadFileAsync(RemotePath.WithoutHome(path), content, token), token);

    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var globs = new PathGlobs(excludes);
        var from = RemotePath.WithoutHome(source.Length > 1 ? source.TrimEnd('/') : source);
        var to = source.EndsWith('/') ? destination : Path.Combine(destination, RemotePath.NameOf(source));
        return RunAsync($"The folder '{source}' could not be copied from the machine", sftp => DownloadFolderAsync(sftp, from, to, "", globs, 0, token), token);
    }

    public async ValueTask DisposeAsync()
    {
        if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
        link = null;
    }

    private static async Task UploadFileAsync(SftpClient sftp, string path, Stream content, UnixFileMode? mode, CancellationToken token)
    {
        await sftp.UploadFileAsync(content, path, token).ConfigureAwait(false);
        if (mode is { } bits) sftp.ChangePermissions(path, Digits(bits));
    }

    private static async Task UploadFolderAsync(SftpClient sftp, LocalFolder folder, LocalEntry entry, string path, CancellationToken token)
    {
        if (!await sftp.ExistsAsync(path, token).ConfigureAwait(false)) await sftp.CreateDirectoryAsync(path, token).ConfigureAwait(false);
        await UploadContentsAsync(sftp, folder, entry, path, token).ConfigureAwait(false);
        // Last, for a folder may be one that nothing can be written to.
        sftp.ChangePermissions(path, Digits(entry.Mode));
    }

    private static async Task UploadContentsAsync(SftpClient sftp, LocalFolder folder, LocalEntry entry, string path, CancellationToken token)
    {
        foreach (var child in folder.Children(entry))
        {
            token.ThrowIfCancellationRequested();
            var to = RemotePath.Join(path, child.Name);
            if (child.IsFolder)
            {
                await UploadFolderAsync(sftp, folder, child, to, token).ConfigureAwait(false);
                continue;
            }
            await using var file = new FileStream(child.Path, System.IO.FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            await UploadFileAsync(sftp, to, file, child.Mode, token).ConfigureAwait(false);
        }
    }

    private static async Task MakeFoldersAsync(SftpClient sftp, string path, CancellationToken token)
    {
        var trimmed = path.TrimEnd('/');
        if (trimmed.Length == 0 || await sftp.ExistsAsync(trimmed, token).ConfigureAwait(false)) return;
        await MakeFoldersAsync(sftp, RemotePath.Split(trimmed).Folder, token).ConfigureAwait(false);
        await sftp.CreateDirectoryAsync(trimmed, token).ConfigureAwait(false);
    }

    private static async Task DownloadFolderAsync(SftpClient sftp, string from, string to, string relative, PathGlobs excludes, int depth, CancellationToken token)
    {
        if (depth > DeepestFolder) throw new SshException($"'{from}' is more than {DeepestFolder} folders deep: a symbolic link probably leads back to a folder above it");
        Directory.CreateDirectory(to);
        await foreach (var entry in sftp.ListDirectoryAsync(from, token).ConfigureAwait(false))
        {
            if (entry.Name is "." or "..") continue;
            if (entry.Name.Contains('/', StringComparison.Ordinal) || OperatingSystem.IsWindows() && entry.Name.AsSpan().ContainsAny('\\', ':')) throw new SshException($"the machine sent the name '{entry.Name}', which is refused");
            var inside = relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}";
            if (excludes.Match(inside)) continue;
            var path = RemotePath.Join(from, entry.Name);
            var target = Path.Combine(to, entry.Name);
            var attributes = entry.IsSymbolicLink ? await sftp.GetAttributesAsync(path, token).ConfigureAwait(false) : entry.Attributes;
            if (attributes.IsDirectory)
            {
                await DownloadFolderAsync(sftp, path, target, inside, excludes, depth + 1, token).ConfigureAwait(false);
            }
            else if (attributes.IsRegularFile)
            {
                await using var file = new FileStream(target, System.IO.FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                await sftp.DownloadFileAsync(path, file, token).ConfigureAwait(false);
            }
            else
            {
                continue;
            }
            UnixModes.Set(target, Bits(attributes));
        }
    }

    private static UnixFileMode Bits(SftpFileAttributes attributes)
    {
        ReadOnlySpan<bool> bits =
        [
            attributes.OwnerCanRead, attributes.OwnerCanWrite, attributes.OwnerCanExecute, attributes.GroupCanRead, attributes.GroupCanWrite, attributes.GroupCanExecute,
            attributes.OthersCanRead, attributes.OthersCanWrite, attributes.OthersCanExecute,
        ];
        var mode = 0;
        foreach (var bit in bits) mode = mode << 1 | (bit ? 1 : 0);
        return (UnixFileMode)mode;
    }

    /// <summary>The library takes the octal digits as a decimal number.</summary>
    private static short Digits(UnixFileMode mode) => short.Parse(UnixModes.Octal(mode), System.Globalization.CultureInfo.InvariantCulture);

    private async Task RunAsync(string failure, Func<SftpClient, Task> work, CancellationToken token)
    {
        if (link is not { IsConnected: true })
        {
            await DisposeAsync().ConfigureAwait(false);
            link = await connect(token).ConfigureAwait(false);
        }
        var present = link;
        try
        {
            await present.RunAsync(() => work(present.Client), Timeout.InfiniteTimeSpan, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (PackerException or OperationCanceledException))
        {
            token.ThrowIfCancellationRequested();
            var reason = present.IsConnected ? exception.Message.TrimEnd('.') : "the connection was lost";
            throw new PackerException(DiagnosticCodes.TransferFailed, $"{failure}: {reason}.", exception);
        }
    }
}
