namespace Packer.Communicators.Ssh;

/// <summary>A way to copy files to and from the machine. Everything is streamed; its members mean what those of <see cref="ICommunicator"/> mean.</summary>
internal interface IFileTransfer : IAsyncDisposable
{
    Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token);

    Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token);

    Task DownloadAsync(string path, Stream content, CancellationToken token);

    Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token);
}
