using System.Text;
using Packer.Configuration;

namespace Packer.Provisioners.File;

/// <summary>Copies files and folders, with the rules that Packer has for a separator at the end of a path.</summary>
internal sealed class FileCopy(ProvisionContext context)
{
    private const string PartialEnding = ".packer-partial";
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;

    private readonly ICommunicator communicator = context.Communicator!;

    public Task UploadTextAsync(string text, string destination, CancellationToken token) => DoAsync($"Uploading the content of '{destination}'", async () =>
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await communicator.UploadAsync(destination, stream, mode: null, token).ConfigureAwait(false);
    }, token);

    public async Task UploadAsync(IReadOnlyList<string> sources, string destination, CancellationToken token)
    {
        foreach (var source in sources)
        {
            // The separator at the end stays: it says what of a folder is meant.
            var path = ConfigPaths.MakeFull(source, context.Build.ProjectDirectory);
            if (Directory.Exists(path))
                await DoAsync($"Uploading {source} to {destination}", () => communicator.UploadDirectoryAsync(destination, path, [], token), token).ConfigureAwait(false);
            else
                await UploadFileAsync(path, source, EndsInSeparator(destination) ? destination + Path.GetFileName(path) : destination, token).ConfigureAwait(false);
        }
    }

    public async Task DownloadAsync(IReadOnlyList<string> sources, string destination, CancellationToken token)
    {
        var target = ConfigPaths.MakeFull(destination, context.Build.ProjectDirectory);
        foreach (var source in sources)
        {
            if (EndsInSeparator(source) || source.Contains('*', StringComparison.Ordinal))
            {
                await DoAsync($"Downloading {source} to {target}", () =>
                {
                    Directory.CreateDirectory(target);
                    return communicator.DownloadDirectoryAsync(source, target, [], token);
                }, token).ConfigureAwait(false);
                continue;
            }
            var file = Path.EndsInDirectorySeparator(target) ? Path.Combine(target, source[(source.LastIndexOfAny(['/', '\\']) + 1)..]) : target;
            await DoAsync($"Downloading {source} to {file}", () => DownloadFileAsync(source, file, token), token).ConfigureAwait(false);
        }
    }

    /// <summary>Windows has both, whatever the system of this side has.</summary>
    private static bool EndsInSeparator(string path) => path is [.., '/' or '\\'];

    private Task UploadFileAsync(string path, string source, string destination, CancellationToken token) => DoAsync($"Uploading {source} to {destination}", async () =>
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (file.ConfigureAwait(false))
        {
            var mode = OperatingSystem.IsWindows() ? (UnixFileMode?)null : System.IO.File.GetUnixFileMode(file.SafeFileHandle) & Permissions;
            await communicator.UploadAsync(destination, context.Ui.TrackProgress(Path.GetFileName(path), 0, file.Length, file), mode, token).ConfigureAwait(false);
        }
    }, token);

    /// <summary>Into a file beside the right one, so that half a file is never taken for a whole one.</summary>
    private async Task DownloadFileAsync(string source, string path, CancellationToken token)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = path + PartialEnding;
        try
        {
            var file = System.IO.File.Create(partial);
            await using (file.ConfigureAwait(false)) await communicator.DownloadAsync(source, file, token).ConfigureAwait(false);
            System.IO.File.Move(partial, path, overwrite: true);
        }
        catch
        {
            System.IO.File.Delete(partial);
            throw;
        }
    }

    private async Task DoAsync(string what, Func<Task> copy, CancellationToken token)
    {
        context.Ui.Say(what);
        try
        {
            await copy().ConfigureAwait(false);
        }
        catch (Exception exception) when (!token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.FileNotCopied, $"{what} failed: {exception.Message} Correct the path, or the access rights of the user of the connection.", exception);
        }
    }
}
