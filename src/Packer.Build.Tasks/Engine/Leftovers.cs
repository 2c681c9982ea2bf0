using Packer.Engine.Planning;

namespace Packer.Engine;

/// <summary>What a build that was killed leaves behind: processes, half-made folders, a swap that was not finished.</summary>
internal static class Leftovers
{
    /// <summary>Whether there is something of an image to look after; also while another process builds it.</summary>
    public static bool Exist(ImagePaths paths) =>
        File.Exists(paths.Processes) || File.Exists(paths.Lock) || Directory.Exists(paths.Partial) || Directory.Exists(paths.Temporary) || DirectorySwap.IsUnfinished(paths.OutputDirectory);

    /// <summary>Ends and removes it. The caller holds the lock of the image.</summary>
    /// <param name="paths">The image's.</param>
    /// <param name="token">Cuts the time that processes have to end in good order.</param>
    public static async Task RemoveAsync(ImagePaths paths, CancellationToken token)
    {
        // The processes first: they may still write into the folders.
        await ProcessLedger.ReapAsync(paths.Processes, token).ConfigureAwait(false);
        DirectorySwap.Recover(paths.OutputDirectory);
        await TemporaryDirectory.DeleteAsync(paths.Partial).ConfigureAwait(false);
        await TemporaryDirectory.DeleteAsync(paths.Temporary).ConfigureAwait(false);
        AtomicFile.DeleteUnfinished(paths.Stamp);
        AtomicFile.DeleteUnfinished(paths.Report);
    }
}
