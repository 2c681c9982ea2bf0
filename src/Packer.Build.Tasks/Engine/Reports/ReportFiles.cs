namespace Packer.Engine.Reports;

/// <summary>
/// The files of a report in the folder of the images. A lock keeps two builds apart; one that is left by a build that was killed tells the next build to write
/// the report anew, and to remove what was half written.
/// </summary>
/// <param name="directory">Full path of the folder.</param>
internal sealed class ReportFiles(string directory)
{
    /// <summary>The name of the lock; <c>Packer.targets</c> looks for it.</summary>
    public const string LockName = BuildReport.PageName + ".lock";

    private string Data => Path.Combine(directory, BuildReport.JsonName);

    private string Page => Path.Combine(directory, BuildReport.PageName);

    /// <summary>Writes a report.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public async Task WriteAsync(BuildReport report, CancellationToken token)
    {
        await using var held = await FileLock.AcquireAsync(Path.Combine(directory, LockName), token).ConfigureAwait(false);
        RemoveUnfinished();
        await AtomicFile.WriteAsync(Data, report.Write(), token).ConfigureAwait(false);
        await AtomicFile.WriteAsync(Page, new ReportPage(report, path => ReadPicture(Path.Combine(directory, path))).Write, token).ConfigureAwait(false);
    }

    /// <summary>Deletes the report where there is one.</summary>
    /// <exception cref="IOException">A file is in use.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be deleted.</exception>
    public async Task DeleteAsync(CancellationToken token)
    {
        if (!Directory.Exists(directory)) return;
        await using var held = await FileLock.AcquireAsync(Path.Combine(directory, LockName), token).ConfigureAwait(false);
        RemoveUnfinished();
        File.Delete(Data);
        File.Delete(Page);
    }

    private void RemoveUnfinished()
    {
        AtomicFile.DeleteUnfinished(Data);
        AtomicFile.DeleteUnfinished(Page);
    }

    private static byte[]? ReadPicture(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
