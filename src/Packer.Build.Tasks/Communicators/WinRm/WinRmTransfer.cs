using System.IO.Compression;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Packer.Engine;

namespace Packer.Communicators.WinRm;

/// <summary>
/// Copies files through one PowerShell process: what is uploaded goes through its standard input in large pieces, what is downloaded comes from its standard output,
/// a folder as one zip archive. Both sides say the hash of what they have seen.
/// </summary>
/// <param name="run">Runs a command with input and output.</param>
/// <param name="temporaryDirectory">Full path of a folder for archives of the machine.</param>
internal sealed class WinRmTransfer(Func<string, IAsyncEnumerable<byte[]>?, Action<byte[]>, Action<byte[]>, CancellationToken, Task<WinRmResult>> run, string temporaryDirectory)
{
    /// <summary>
    /// Bytes of one piece. It is base64 for PowerShell inside base64 for the protocol, and must stay below 500 KiB then: the MaxEnvelopeSizekb of Windows Server 2012
    /// and later, where nobody has changed it.
    /// </summary>
    private const int PieceSize = 240_000;

    public async Task UploadAsync(string path, Stream content, CancellationToken token)
    {
        if (path.EndsWith('/') || path.EndsWith('\\')) throw Failure($"The file '{path}' could not be written in the machine", "that is the name of a folder");
        await SendAsync(WinRmScripts.UploadFile(path), content, $"The file '{path}' could not be written in the machine", token).ConfigureAwait(false);
    }

    public async Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var root = LocalFolder.Root(source);
        var folder = new LocalFolder(new PathGlobs(excludes));
        var prefix = Path.EndsInDirectorySeparator(source) ? "" : root.Name + "/";
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var packing = Task.Run(() => PackAsync(folder, root, prefix, pipe.Writer, stop.Token), CancellationToken.None);
        try
        {
            await SendAsync(WinRmScripts.UploadFolder(destination), pipe.Reader.AsStream(), $"The folder '{source}' could not be copied to '{destination}' in the machine", token).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await packing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task DownloadAsync(string path, Stream content, CancellationToken token) =>
        ReceiveAsync(WinRmScripts.DownloadFile(path), content, $"The file '{path}' could not be read in the machine", token);

    public async Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token)
    {
        var failure = $"The folder '{source}' could not be copied from the machine";
        if (source.Contains('*', StringComparison.Ordinal)) throw Failure(failure, "WinRM copies whole folders only, and no patterns");
        var trimmed = source.TrimEnd('/', '\\');
        var name = trimmed[(trimmed.LastIndexOfAny(['/', '\\', ':']) + 1)..];
        var isContents = trimmed.Length < source.Length || name.Length == 0;
        Directory.CreateDirectory(temporaryDirectory);
        var file = new FileStream(Path.Combine(temporaryDirectory, $"download-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            // A drive keeps its separator, or it would be the folder that happens to be the current one there.
            await ReceiveAsync(WinRmScripts.DownloadFolder(trimmed.EndsWith(':') || trimmed.Length == 0 ? source : trimmed), file, failure, token).ConfigureAwait(false);
            file.Position = 0;
            await UnpackAsync(file, isContents ? destination : Path.Combine(destination, name), new PathGlobs(excludes), failure, token).ConfigureAwait(false);
        }
    }

    private static async Task PackAsync(LocalFolder folder, LocalEntry root, string prefix, PipeWriter writer, CancellationToken token)
    {
        Exception? fault = null;
        try
        {
            var stream = writer.AsStream(leaveOpen: true);
            await using (stream.ConfigureAwait(false))
            {
                var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, token).ConfigureAwait(false);
                await using (zip.ConfigureAwait(false)) await AddAsync(zip, folder, root, prefix, token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            fault = exception;
        }
        await writer.CompleteAsync(fault).ConfigureAwait(false);
    }

    private static async Task AddAsync(ZipArchive zip, LocalFolder folder, LocalEntry entry, string path, CancellationToken token)
    {
        // Without an entry of its own an empty folder would be lost.
        if (path.Length > 0) zip.CreateEntry(path);
        foreach (var child in folder.Children(entry))
        {
            token.ThrowIfCancellationRequested();
            if (child.IsFolder) await AddAsync(zip, folder, child, $"{path}{child.Name}/", token).ConfigureAwait(false);
            else await zip.CreateEntryFromFileAsync(child.Path, path + child.Name, CompressionLevel.Fastest, token).ConfigureAwait(false);
        }
    }

    private static async Task UnpackAsync(Stream archive, string destination, PathGlobs excludes, string failure, CancellationToken token)
    {
        Directory.CreateDirectory(destination);
        var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8, token).ConfigureAwait(false);
        await using (zip.ConfigureAwait(false))
        {
            foreach (var entry in zip.Entries)
            {
                // .NET Framework before 4.6.1 writes names of Windows.
                var path = entry.FullName.Replace('\\', '/');
                var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
                if (parts.Any(part => part is "." or ".." || part.Contains(':', StringComparison.Ordinal)) || path.StartsWith('/')) throw Failure(failure, $"the machine sent the name '{path}', which is refused");
                // Only an empty folder has an entry of its own, so those above a file come with it, also with one that is left out.
                var isFolder = path.EndsWith('/');
                var taken = Enumerable.Range(1, parts.Length).TakeWhile(count => !excludes.Match(string.Join('/', parts.Take(count)))).Count();
                Directory.CreateDirectory(Path.Combine([destination, .. parts.Take(isFolder ? taken : Math.Min(taken, parts.Length - 1))]));
                if (!isFolder && taken == parts.Length) await entry.ExtractToFileAsync(Path.Combine([destination, .. parts]), overwrite: true, token).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(string script, Stream content, string failure, CancellationToken token)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string? said = null;
        await RunAsync(script, Pieces(content, hash, failure, token), line => said = line.StartsWith(WinRmScripts.Whole, StringComparison.Ordinal) ? line : said, failure, token).ConfigureAwait(false);
        Check(said, hash, failure);
    }

    private async Task ReceiveAsync(string script, Stream content, string failure, CancellationToken token)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string? said = null;
        await RunAsync(script, null, line =>
        {
            if (line.StartsWith(WinRmScripts.Whole, StringComparison.Ordinal))
            {
                said = line;
                return;
            }
            byte[] bytes;
            try
            {
                bytes = Convert.FromBase64String(line);
            }
            catch (FormatException)
            {
                throw Failure(failure, $"the machine sent '{(line.Length > 200 ? line[..200] + "…" : line)}' in the middle of it");
            }
            hash.AppendData(bytes);
            content.Write(bytes);
        }, failure, token).ConfigureAwait(false);
        Check(said, hash, failure);
    }

    private async Task RunAsync(string script, IAsyncEnumerable<byte[]>? input, Action<string> receive, string failure, CancellationToken token)
    {
        var reason = new StringBuilder();
        var output = new LineSplitter(receive);
        var error = new LineSplitter(line => WinRmScripts.AddError(reason, line));
        WinRmResult result;
        try
        {
            result = await run(WinRmScripts.Encode(script), input, bytes => output.Add(bytes), bytes => error.Add(bytes), token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(failure, exception.Message.TrimEnd('.'), exception);
        }
        output.Complete();
        error.Complete();
        if (result.Lost is { } lost) throw Failure(failure, "the connection was lost: " + lost.TrimEnd('.'));
        if (result.ExitCode != 0) throw Failure(failure, reason.Length > 0 ? reason.ToString().TrimEnd('.') : FormattableString.Invariant($"PowerShell ended with exit code {result.ExitCode}"));
    }

    private static async IAsyncEnumerable<byte[]> Pieces(Stream content, IncrementalHash hash, string failure, [EnumeratorCancellation] CancellationToken token)
    {
        var buffer = new byte[PieceSize];
        while (true)
        {
            int count;
            try
            {
                count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
            {
                throw Failure(failure, exception.Message.TrimEnd('.'), exception);
            }
            if (count == 0) yield break;
            hash.AppendData(buffer, 0, count);
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer, 0, count) + "\r\n");
        }
    }

    private static void Check(string? said, IncrementalHash hash, string failure)
    {
        if (said is null) throw Failure(failure, "the machine has not said that it is whole");
        if (!said[WinRmScripts.Whole.Length..].Trim().Equals(Convert.ToHexString(hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase)) throw Failure(failure, "it has changed on the way");
    }

    private static PackerException Failure(string failure, string reason, Exception? inner = null) => new(DiagnosticCodes.TransferFailed, $"{failure}: {reason}.", inner);
}
