namespace Packer.Engine.Planning;

/// <summary>
/// Says whether the output folder of an image may be replaced as a whole, which is what a build does, or deleted, which is what a clean does.
/// A wrong OutputDirectory must never cost anyone a file.
/// </summary>
internal static class OutputFolder
{
    /// <summary>Whether the project itself lies in the folder, so that neither a build nor a clean may ever touch it.</summary>
    public static bool HoldsProject(string outputDirectory, string projectDirectory)
    {
        // Upper and lower case are taken as the same everywhere: that errs on the safe side.
        var folder = WithSeparator(outputDirectory);
        return Path.GetPathRoot(folder) == folder || WithSeparator(projectDirectory).StartsWith(folder, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Whether a folder with something in it was not made by a build of this image. A build leaves its stamp beside the folder, one that was
    /// killed its lock, and both have left their plan before.
    /// </summary>
    public static bool IsForeign(ImagePaths paths)
    {
        if (!Directory.Exists(paths.OutputDirectory) || !Directory.EnumerateFileSystemEntries(paths.OutputDirectory).Any()) return false;
        return !File.Exists(paths.Stamp) && !File.Exists(paths.Lock) && !IsPlanned(paths);
    }

    /// <summary>Whether two folders, by their full paths, are the same or one lies in the other. Upper and lower case are taken as the same, too.</summary>
    public static bool Overlap(string left, string right)
    {
        var (first, second) = (WithSeparator(left), WithSeparator(right));
        return first.StartsWith(second, StringComparison.OrdinalIgnoreCase) || second.StartsWith(first, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsPlanned(ImagePaths paths)
    {
        try
        {
            return File.Exists(paths.Plan) && ImagePlanFile.Read(paths.Plan).OutputDirectory == paths.OutputDirectory;
        }
        catch (PackerException)
        {
            return false;
        }
    }

    private static string WithSeparator(string path) => Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar;
}
