using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>Where the files of an image lie.</summary>
/// <param name="OutputDirectory">Full path of the image's folder.</param>
/// <param name="PlanDirectory">Full path of the folder of the plans, ending in a separator.</param>
/// <param name="Image">Name of the image.</param>
internal sealed record ImagePaths(string OutputDirectory, string PlanDirectory, string Image)
{
    /// <summary>Endings of what lies beside an image's folder; no image may be named so.</summary>
    public static readonly IReadOnlyList<string> ReservedEndings = [".partial", ".old", ".stamp", ".lock", ".untested"];

    /// <summary>The full path of an image's folder, without a separator at its end.</summary>
    /// <param name="image">The image; its metadata may name the folder.</param>
    /// <param name="imagesDirectory">Full path of the folder of the images that name none.</param>
    /// <param name="projectDirectory">Full path of the project's folder.</param>
    public static string OutputDirectoryOf(ItemRequest image, string imagesDirectory, string projectDirectory)
    {
        var given = image.Get("OutputDirectory");
        return Path.TrimEndingDirectorySeparator(given.Length > 0 ? ConfigPaths.MakeFull(given, projectDirectory) : Path.Combine(imagesDirectory, image.Include));
    }

    /// <summary>The folder that the builder writes into.</summary>
    public string Partial => OutputDirectory + ".partial";

    /// <summary>A whole image that has not passed its test; its stamp lies beside it.</summary>
    public string Untested => OutputDirectory + ".untested";

    public string UntestedStamp => Untested + ".stamp";

    public string Stamp => OutputDirectory + ".stamp";

    public string Lock => OutputDirectory + ".lock";

    public string Plan => Path.Combine(PlanDirectory, Image + ".plan.json");

    /// <summary>Names of the images that must be built before, one a line, for <c>packer.proj</c>.</summary>
    public string Dependencies => Path.Combine(PlanDirectory, Image + ".dependencies");

    /// <summary>Literal secrets on their way to the build; readable by the user alone, deleted when read.</summary>
    public string Secrets => Path.Combine(PlanDirectory, Image + ".secrets");

    public string Log => Path.Combine(PlanDirectory, Image + ".log");

    /// <summary>The image's part of the report of the build.</summary>
    public string Report => Path.Combine(PlanDirectory, Image + ".report.json");

    /// <summary>The last screen of a virtual machine.</summary>
    public string Screen => Path.Combine(PlanDirectory, Image + ".screen.png");

    /// <summary>The processes that a build started.</summary>
    public string Processes => Path.Combine(PlanDirectory, Image + ".processes");

    public string Temporary => Path.Combine(PlanDirectory, Image + ".tmp");
}
