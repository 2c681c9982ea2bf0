using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.Imaging;
using Packer.PostProcessors.Convert;

namespace Packer.Tasks;

/// <summary>
/// Writes a disk in another format, as the post-processor <c>convert</c> does, for targets of a project. The new file is there when it is whole, and not before;
/// give the target <c>Inputs</c> and <c>Outputs</c>, and it runs only when the disk is newer.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class ConvertDisk : CancelableTask
{
    private static readonly string[] SourceFormats = [DiskFormats.Raw, DiskFormats.Qcow2, DiskFormats.Vhd, DiskFormats.Vhdx, DiskFormats.Vmdk, DiskFormats.Ova];
    private static readonly string[] Formats = [.. SourceFormats, DiskFormats.GoogleCloud];

    /// <summary>The disk to read.</summary>
    [Required]
    public ITaskItem Source { get; set; } = null!;

    /// <summary>The file to write. One that is there is replaced.</summary>
    [Required]
    public ITaskItem Destination { get; set; } = null!;

    /// <summary>
    /// Its format: <c>raw</c>, <c>qcow2</c>, <c>vhd</c>, <c>vhdx</c>, <c>vmdk</c>, <c>ova</c> or <c>gcp</c>. Default: the extension of <see cref="Destination"/>;
    /// <c>.img</c> is raw, <c>.tar.gz</c> is gcp.
    /// </summary>
    public string Format { get; set; } = "";

    /// <summary>Format of <see cref="Source"/>. Default: what the file itself says.</summary>
    public string SourceFormat { get; set; } = "";

    /// <summary>How a qcow2 file is compressed: <c>none</c>, <c>zlib</c> or <c>zstd</c>. Default: <c>zlib</c>.</summary>
    public string Qcow2Compression { get; set; } = DiskFormats.Zlib;

    /// <summary>Kind of a VHD file: <c>fixed</c> or <c>dynamic</c>. Default: <c>fixed</c>.</summary>
    public string VhdType { get; set; } = DiskFormats.FixedVhd;

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        try
        {
            // A relative path is one of the project's folder; the engine knows that, whatever the current folder is.
            await ConvertAsync(Source.GetMetadata("FullPath"), Destination.GetMetadata("FullPath"), token).ConfigureAwait(false);
        }
        catch (PackerException exception)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(exception.Code, exception.Message, new SourceLocation(BuildEngine.ProjectFileOfTaskNode, BuildEngine.LineNumberOfTaskNode, BuildEngine.ColumnNumberOfTaskNode)));
        }
        return !Log.HasLoggedErrors;
    }

    private async Task ConvertAsync(string source, string destination, CancellationToken token)
    {
        var format = Format.Length > 0 ? Choice(nameof(Format), Format, Formats) : FormatOf(destination);
        var kind = SourceFormat.Length > 0 ? DiskFormats.Kind(Choice(nameof(SourceFormat), SourceFormat, SourceFormats)) : null;
        Choice(nameof(Qcow2Compression), Qcow2Compression, [DiskFormats.NoCompression, DiskFormats.Zlib, DiskFormats.Zstd]);
        Choice(nameof(VhdType), VhdType, [DiskFormats.FixedVhd, DiskFormats.DynamicVhd]);
        if (string.Equals(source, destination, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
            throw new PackerException(DiagnosticCodes.WrongValue, $"'{nameof(Destination)}' is '{nameof(Source)}' itself, '{source}'. Give it another name.");
        var identity = DiskNames.Identity(DiskNames.WithoutExtension(destination));
        using var staged = new StagedDisks();
        await staged.WriteAsync(source, kind, [new DiskOutput(DiskFormats.Create(format, Qcow2Compression, VhdType, identity), destination)], computeSha256: false, token).ConfigureAwait(false);
        token.ThrowIfCancellationRequested();
        staged.Publish();
        Log.LogMessage(MessageImportance.Normal, "{0}", $"Converted '{source}' to '{destination}'.");
    }

    private static string FormatOf(string destination)
    {
        if (destination.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase)) return DiskFormats.GoogleCloud;
        var extension = Path.GetExtension(destination).TrimStart('.').ToLowerInvariant();
        if (extension == "img") return DiskFormats.Raw;
        if (Formats.Contains(extension, StringComparer.Ordinal)) return extension;
        throw new PackerException(DiagnosticCodes.WrongValue, $"The name of '{destination}' does not say in what format it is to be written. Set '{nameof(Format)}' to one of {string.Join(", ", Formats)}.");
    }

    private static string Choice(string name, string value, string[] choices) => choices.Contains(value, StringComparer.Ordinal)
        ? value
        : throw new PackerException(DiagnosticCodes.WrongValue, $"'{name}' is '{value}', which is not one of {string.Join(", ", choices)}. Correct it.");
}
