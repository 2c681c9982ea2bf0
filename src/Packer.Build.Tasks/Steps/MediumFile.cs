using Packer.Engine;
using Packer.Imaging;

namespace Packer.Steps;

/// <summary>Makes the file of a CD or floppy.</summary>
internal static class MediumFile
{
    /// <summary>Collects, composes and writes.</summary>
    /// <param name="medium">What it is for messages: <c>CD</c>.</param>
    /// <param name="path">Full path of the file.</param>
    /// <param name="fill">Adds the files.</param>
    /// <param name="compose">Makes the image.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="PackerException">A file cannot be read, does not fit or cannot be part of the medium, or the file cannot be written.</exception>
    public static async Task WriteAsync(string medium, string path, Action<MediumTree> fill, Func<FileTree, SparseImage> compose, CancellationToken token)
    {
        try
        {
            using var pool = new FilePool();
            var tree = new MediumTree(medium, pool);
            fill(tree);
            await DiskWriter.WriteAsync(compose(tree.Tree), new RawFormat(), path, new DiskWriteOptions(), token).ConfigureAwait(false);
        }
        catch (ImagingException exception) when (exception.InnerException is { } cause && FileErrors.IsDiskFull(cause))
        {
            throw FileErrors.DiskFull(path, exception);
        }
        catch (Exception exception) when (exception is ImagingException or IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.MediumNotMade, $"The {medium} cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>Checks the paths of texts.</summary>
    public static void ValidateContent(IReadOnlyDictionary<string, string> content, string key, ConfigValidation validation)
    {
        foreach (var path in content.Keys)
        {
            try
            {
                if (FileNames.SplitPath(path.Replace('\\', '/')).Count == 0) validation.Error(DiagnosticCodes.WrongValue, key, $"the path '{path}' of '{key}' names no file. Write it as 'name' or 'folder/name'.");
            }
            catch (ImagingException exception)
            {
                validation.Error(DiagnosticCodes.WrongValue, key, $"the path '{path}' of '{key}' is not possible: {exception.Message}");
            }
        }
    }
}
