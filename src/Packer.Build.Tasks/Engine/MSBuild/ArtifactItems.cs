using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Engine.Planning;
using Packer.Engine.Reports;

namespace Packer.Engine.MSBuild;

/// <summary>Makes <c>PackerArtifact</c> items.</summary>
internal static class ArtifactItems
{
    public const string Image = "Image";
    public const string BuilderId = "BuilderId";
    public const string ArtifactId = "ArtifactId";
    public const string Format = "Format";
    public const string Sha256 = "Sha256";
    public const string Size = "Size";

    /// <summary>One item a file, or one for the id of an artifact without files. A file that post-processors passed on appears once.</summary>
    public static IEnumerable<ITaskItem> Create(string image, IEnumerable<ArtifactRecord> artifacts) =>
        artifacts.SelectMany(artifact => Create(image, artifact)).DistinctBy(item => item.ItemSpec, StringComparer.Ordinal);

    /// <summary>Stands for the artifacts of an image that was not built yet.</summary>
    public static ITaskItem Awaited(string image)
    {
        var item = new TaskItem(image);
        item.SetMetadata(Image, image);
        return item;
    }

    /// <summary>The artifacts that items stand for, by image.</summary>
    public static ILookup<string, ReportArtifact> ToReport(IEnumerable<ITaskItem> items) =>
        items.GroupBy(item => (Image: item.GetMetadata(Image), BuilderId: item.GetMetadata(BuilderId), Id: item.GetMetadata(ArtifactId)))
            .ToLookup(group => group.Key.Image, group => new ReportArtifact(group.Key.BuilderId, group.Key.Id,
                [.. group.Where(item => item.GetMetadata(Sha256).Length > 0).Select(item => new ArtifactFile(item.ItemSpec, long.Parse(item.GetMetadata(Size), CultureInfo.InvariantCulture), item.GetMetadata(Sha256)))]), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<ITaskItem> Create(string image, ArtifactRecord artifact)
    {
        if (artifact.Files.Count == 0) yield return Item(artifact.Id, image, artifact);
        foreach (var file in artifact.Files)
        {
            var item = Item(file.Path, image, artifact);
            item.SetMetadata(Format, FormatOf(file.Path));
            item.SetMetadata(Sha256, file.Sha256);
            item.SetMetadata(Size, file.Size.ToString(CultureInfo.InvariantCulture));
            yield return item;
        }
    }

    /// <summary>The extension, which is two for a compressed archive: <c>raw</c>, <c>tar.gz</c>.</summary>
    private static string FormatOf(string path)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension.Length == 0) return "";
        var archive = Path.GetExtension(Path.GetFileNameWithoutExtension(path)).ToLowerInvariant();
        return (archive == ".tar" ? archive + extension : extension)[1..];
    }

    private static TaskItem Item(string spec, string image, ArtifactRecord artifact)
    {
        var item = new TaskItem(EscapeSpec(spec));
        item.SetMetadata(Image, image);
        item.SetMetadata(BuilderId, artifact.BuilderId);
        item.SetMetadata(ArtifactId, artifact.Id);
        return item;
    }

    /// <summary>A file name may hold what MSBuild reads as an escape or a wildcard.</summary>
    private static string EscapeSpec(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal).Replace("*", "%2A", StringComparison.Ordinal).Replace("?", "%3F", StringComparison.Ordinal);
}
