using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The content of the root file system.</summary>
internal static class RootTree
{
    /// <summary>Makes the tree of packages, configuration and app.</summary>
    /// <param name="packages">All packages of the image.</param>
    /// <param name="set">Which of them stay out of the root file system.</param>
    /// <param name="config">The settings.</param>
    /// <param name="image">The name of the image.</param>
    /// <param name="app">The published app.</param>
    /// <param name="timestamp">The time of all that is made here; nothing is younger.</param>
    /// <param name="files">Keeps the files open that the tree refers to.</param>
    /// <param name="contents">Is told whose each file is.</param>
    public static FileTree Create(
        IReadOnlyList<ImagePackage> packages, PackageSet set, ApplianceConfig config, string image, AppContent app, long timestamp, FilePool files, ApplianceContents contents)
    {
        var tree = new FileTree(timestamp);
        PackageFiles.AddTo(tree, packages.Where(package => !set.IsBoot(package.Name)), timestamp, files, contents);
        PackageFiles.AddCertificateBundle(tree, timestamp);
        contents.Claim(tree, ApplianceContents.System, "certificates");
        PackageFiles.AddPackageList(tree, packages, timestamp);
        contents.Claim(tree, ApplianceContents.System, "list of packages");
        SystemFiles.AddTo(tree, config, config.HostName ?? HostNames.Of(image), app.EntryPoint, timestamp);
        contents.Claim(tree, ApplianceContents.System, "configuration");
        AppFiles.AddTo(tree, app, timestamp, files);
        contents.ClaimApp(tree);
        return tree;
    }
}
