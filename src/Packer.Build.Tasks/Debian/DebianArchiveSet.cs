namespace Packer.Debian;

/// <summary>The archives that together make up a Debian release as it is kept up to date.</summary>
internal static class DebianArchiveSet
{
    /// <summary>
    /// The suite itself, its updates between point releases, and its security updates. All three are needed: the first alone lacks every fix
    /// since the last point release.
    /// </summary>
    /// <param name="suite">Suite or codename; rolling suites (sid, unstable, experimental) have no updates and are one archive.</param>
    /// <param name="mirror">The base address of the main archive.</param>
    /// <param name="securityMirror">The base address of the security archive.</param>
    public static IReadOnlyList<DebianArchive> For(string suite, Uri mirror, Uri securityMirror) =>
        suite is "sid" or "unstable" or "experimental"
            ? [new(mirror, suite)]
            : [new(mirror, suite), new(mirror, suite + "-updates"), new(securityMirror, suite + "-security")];
}
