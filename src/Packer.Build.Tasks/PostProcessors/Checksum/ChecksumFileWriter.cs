using System.Text;
using Packer.Engine;

namespace Packer.PostProcessors.Checksum;

/// <summary>Writes the checksums of files into a file: for the post-processor and for the task.</summary>
internal static class ChecksumFileWriter
{
    /// <summary>What stands for the kind of checksum in the name of the file.</summary>
    public const string TypeField = "ChecksumType";

    /// <summary>Writes a line for each file: the checksum, a tab, the file's name. <c>sha256sum -c</c> and its like read it. It replaces the file.</summary>
    /// <param name="type">The kind of checksum, like <c>sha256</c>.</param>
    /// <param name="files">Full paths; a folder stands for all files below it.</param>
    /// <param name="output">Full path of the file to write.</param>
    /// <param name="token">Stops the work.</param>
    public static async Task WriteAsync(string type, IEnumerable<string> files, string output, CancellationToken token)
    {
        var kind = Engine.Checksum.TryParseKind(type)!.Value;
        var text = new StringBuilder();
        foreach (var file in files.SelectMany(ArtifactFiles.Expand))
        {
            var checksum = await Engine.Checksum.ComputeAsync(kind, file, token).ConfigureAwait(false);
            text.Append(checksum.Hex).Append('\t').Append(Path.GetFileName(file)).Append('\n');
        }
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        // What a build left that was killed.
        AtomicFile.DeleteUnfinished(output);
        await AtomicFile.WriteAsync(output, text.ToString(), token).ConfigureAwait(false);
    }
}
