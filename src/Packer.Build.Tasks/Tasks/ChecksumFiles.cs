using Microsoft.Build.Framework;
using Packer.Configuration.Templates;
using Packer.Engine;
using Packer.PostProcessors.Checksum;

namespace Packer.Tasks;

/// <summary>Writes checksums of files into a file, as the post-processor <c>checksum</c> does.</summary>
[MSBuildMultiThreadableTask]
public sealed class ChecksumFiles : FileTask
{
    /// <summary>The kinds of checksums, separated by <c>;</c>: md5, sha1, sha224, sha256, sha384, sha512. Default: sha256.</summary>
    public string Types { get; set; } = "sha256";

    /// <summary>The file to write, relative to the project or full; with several kinds it holds <c>{{.ChecksumType}}</c>. It replaces the file.</summary>
    [Required]
    public ITaskItem OutputFile { get; set; } = null!;

    /// <summary>The files that were written, with their <c>Size</c>.</summary>
    [Output]
    public ITaskItem[] WrittenFiles { get; set; } = [];

    private protected override async Task RunAsync(CancellationToken token)
    {
        var types = Types.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (types.FirstOrDefault(type => Checksum.TryParseKind(type) is null) is { } unknown)
            throw new PackerException(DiagnosticCodes.WrongValue, $"'Types' holds '{unknown}', but the kinds of checksums are md5, sha1, sha224, sha256, sha384 and sha512. Choose among these.");
        var outputs = types.ToDictionary(type => type, OutputOf);
        if (outputs.Values.Distinct(StringComparer.Ordinal).Count() < outputs.Count)
            throw new PackerException(DiagnosticCodes.WrongValue, "The file has the same name for each of several kinds of checksums. Put {{.ChecksumType}} into 'OutputFile'.");
        foreach (var (type, output) in outputs) await ChecksumFileWriter.WriteAsync(type, Paths, output, token).ConfigureAwait(false);
        WrittenFiles = [.. outputs.Values.Select(Written)];
    }

    private string OutputOf(string type) =>
        new TemplateEngine().Render(FullPath(OutputFile), new Dictionary<string, string> { [ChecksumFileWriter.TypeField] = type }).Text;
}
