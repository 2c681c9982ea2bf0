namespace Packer.Engine;

/// <summary>A folder of a fixed path that is empty at first, whatever an earlier build left in it, and deleted at the end.</summary>
internal sealed class EmptyDirectory : IAsyncDisposable
{
    private readonly string path;

    private EmptyDirectory(string path) => this.path = path;

    public static async Task<EmptyDirectory> CreateAsync(string path)
    {
        await TemporaryDirectory.DeleteAsync(path).ConfigureAwait(false);
        Directory.CreateDirectory(path);
        return new EmptyDirectory(path);
    }

    public async ValueTask DisposeAsync() => await TemporaryDirectory.DeleteAsync(path).ConfigureAwait(false);
}
