using Packer.Debian;

namespace Packer.Builders.Appliance;

/// <summary>Finds the archives that an image is made of: by its settings, else as the host is set up.</summary>
internal static class DebianMirrors
{
    /// <summary>The archives of the suite.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="host">The mirrors of the host's apt, or null where it has none.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.DebianMirrorMissing"/>.</exception>
    public static IReadOnlyList<DebianArchive> Archives(ApplianceConfig config, HostMirrors? host)
    {
        var archive = config.DebianMirror ?? host?.Archive ?? throw Missing(nameof(config.DebianMirror), "the Debian archive");
        var security = config.DebianSecurityMirror ?? host?.Security;
        // Rolling suites have no security archive, which only the set of archives knows.
        var archives = DebianArchiveSet.For(config.DebianSuite, archive, security ?? archive);
        if (security is null && archives.Count > 1) throw Missing(nameof(config.DebianSecurityMirror), "Debian's security archive");
        return archives;
    }

    private static PackerException Missing(string key, string archive) => new(DiagnosticCodes.DebianMirrorMissing,
        $"No mirror of {archive} is known: apt is not set up for Debian on this machine. Set {key} on the image, or the property Packer{key} for all images, to the address of a mirror near you.");
}
