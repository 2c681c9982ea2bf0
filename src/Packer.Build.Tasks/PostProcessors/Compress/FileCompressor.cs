using Packer.Engine;
using Packer.Imaging;

namespace Packer.PostProcessors.Compress;

/// <summary>Compresses files into one: for the post-processor and for the task.</summary>
/// <param name="say">Told how far it is.</param>
internal sealed class FileCompressor(Action<string> say)
{
    /// <summary>Writes the compressed file. It appears whole or not at all, and replaces one that is there.</summary>
    /// <param name="files">Full paths; a folder stands for all files below it.</param>
    /// <param name="output">Full path of the compressed file; its folder is made where it lacks.</param>
    /// <param name="format">The format.</param>
    /// <param name="level">The level; 0 for the usual one.</param>
    /// <param name="token">Stops the work; what was there before stays.</param>
    /// <returns>The SHA-256 of the compressed file.</returns>
    /// <exception cref="PackerException">The files cannot be compressed so, or the work failed.</exception>
    public async Task<string> CompressAsync(IReadOnlyList<string> files, string output, CompressFormat format, int level, CancellationToken token)
    {
        var inputs = files.SelectMany(ArtifactFiles.Expand).Distinct(StringComparer.Ordinal).ToList();
        Check(inputs, output, format);
        var temporary = AtomicFile.TemporaryFor(output);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(output)!);
            // What a build left that was killed.
            AtomicFile.DeleteUnfinished(output);
            var sha256 = await OutputFile.WriteHashedAsync(temporary, file => WriteAsync(inputs, file, format, level, Path.GetFileName(output), token), token).ConfigureAwait(false);
            AtomicFile.Publish(temporary, output);
            return sha256;
        }
        catch (Exception exception) when (exception is ImagingException or IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            throw Error(output, exception);
        }
        catch
        {
            Delete(temporary);
            throw;
        }
    }

    private static void Check(List<string> inputs, string output, CompressFormat format)
    {
        var name = Path.GetFileName(output);
        if (inputs.Count == 0) throw new PackerException(DiagnosticCodes.CompressionInputs, $"There are no files that could go into '{name}'. Compress an artifact that has files.");
        if (format.Archive == ArchiveKind.None && inputs.Count > 1)
            throw new PackerException(DiagnosticCodes.CompressionInputs, $"'{name}' can hold one file only, but there are {inputs.Count}: {string.Join(", ", inputs.Take(4).Select(Path.GetFileName))}{(inputs.Count > 4 ? ", …" : "")}. Use an archive, like .tar.{format.Compression}.");
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (inputs.Any(input => string.Equals(input, output, comparison)))
            throw new PackerException(DiagnosticCodes.CompressionInputs, $"'{output}' is to be compressed into itself. Choose another OutputFile.");
        if (inputs.FirstOrDefault(input => !File.Exists(input)) is { } missing)
            throw new PackerException(DiagnosticCodes.CompressionInputs, $"There is no file '{missing}', which was to be compressed into '{name}'. Correct the path, or build it before.");
    }

    private async Task WriteAsync(List<string> inputs, OutputFile file, CompressFormat format, int level, string name, CancellationToken token)
    {
        using var pool = new FilePool();
        var members = Members(inputs, pool);
        if (format.Archive == ArchiveKind.Zip)
        {
            var zip = new ZipWriter(file, CompressFormat.ZipLevel(level));
            var total = members.Sum(member => member.Content.Length);
            long before = 0;
            foreach (var member in members)
            {
                await zip.AddAsync(member, new TenthsProgress(say, name, before, total), token).ConfigureAwait(false);
                before += member.Content.Length;
            }
            zip.Finish();
        }
        else
        {
            var content = format.Archive == ArchiveKind.Tar ? TarArchive.Create(members) : members[0].Content;
            await ParallelCompression.WriteAsync(content, format.CreateStream(level, content.Length), file, new TenthsProgress(say, name, 0, content.Length), token).ConfigureAwait(false);
        }
    }

    /// <summary>The files with their paths below the folder that they have in common: their names, where all lie in one.</summary>
    private static List<ArchiveMember> Members(List<string> inputs, FilePool pool)
    {
        var common = Path.GetDirectoryName(inputs[0])!;
        while (!inputs.All(input => IsBelow(input, common))) common = Path.GetDirectoryName(common)!;
        return [.. inputs.Select(input => new ArchiveMember(Path.GetRelativePath(common, input).Replace('\\', '/'), new FileSource(input, 0, new FileInfo(input).Length, pool)))];
    }

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static PackerException Error(string output, Exception exception)
    {
        var cause = exception is ImagingException { InnerException: IOException inner } ? inner : exception;
        return FileErrors.IsDiskFull(cause) ? FileErrors.DiskFull(output, exception)
            : new PackerException(DiagnosticCodes.CompressionFailed, $"'{output}' could not be made: {exception.Message}", exception);
    }

    private static void Delete(string temporary)
    {
        if (Directory.Exists(Path.GetDirectoryName(temporary))) File.Delete(temporary);
    }
}
