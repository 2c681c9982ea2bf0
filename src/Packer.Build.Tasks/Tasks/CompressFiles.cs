using System.Globalization;
using Microsoft.Build.Framework;
using Packer.PostProcessors.Compress;

namespace Packer.Tasks;

/// <summary>Compresses files into one, as the post-processor <c>compress</c> does.</summary>
[MSBuildMultiThreadableTask]
public sealed class CompressFiles : FileTask
{
    /// <summary>The file to write, relative to the project or full. It appears whole or not at all, and replaces the file.</summary>
    [Required]
    public ITaskItem OutputFile { get; set; } = null!;

    /// <summary>The archive and the compression, like <c>tar.zst</c>. Default: what the ending of <see cref="OutputFile"/> says.</summary>
    public string Format { get; set; } = "";

    /// <summary>From 1, the fastest, to 9, the smallest (19 for Zstandard); 0 is what is usual for the compression. Default: 0.</summary>
    public int CompressionLevel { get; set; }

    /// <summary>The file that was written, with its <c>Size</c> and <c>Sha256</c>.</summary>
    [Output]
    public ITaskItem? CompressedFile { get; set; }

    private protected override async Task RunAsync(CancellationToken token)
    {
        var output = FullPath(OutputFile);
        var (key, name) = Format.Length > 0 ? (nameof(Format), Format) : (nameof(OutputFile), Path.GetFileName(output));
        var format = CompressFormat.TryParse(name) ?? throw new PackerException(DiagnosticCodes.CompressionUnknown, CompressPostProcessor.Unknown(key, name));
        if (CompressionLevel < -1 || CompressionLevel > format.MaximumLevel)
            throw new PackerException(DiagnosticCodes.WrongValue, string.Create(CultureInfo.InvariantCulture, $"'CompressionLevel' is {CompressionLevel}, but levels go from 1 to {format.MaximumLevel}. Take one of these, or 0 for the usual one."));
        var sha256 = await new FileCompressor(message => Log.LogMessage(MessageImportance.Normal, "{0}", message)).CompressAsync(Paths, output, format, CompressionLevel, token).ConfigureAwait(false);
        var written = Written(output);
        written.SetMetadata("Sha256", sha256);
        CompressedFile = written;
    }
}
