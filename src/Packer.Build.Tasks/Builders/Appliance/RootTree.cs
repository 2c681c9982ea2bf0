using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The content of the root file system, and what of it came when.</summary>
/// <param name="Tree">The content.</param>
/// <param name="Layers">The same content in parts that change ever more often, each on top of the one before.</param>
/// <param name="Apps">The apps in it, the project's own one first.</param>
internal sealed record RootTree(FileTree Tree, IReadOnlyList<OciLayer> Layers, IReadOnlyList<GuestApp> Apps)
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
    public static RootTree Create(
        IReadOnlyList<ImagePackage> packages, PackageSet set, ApplianceConfig config, string image, AppContent app, long timestamp, FilePool files, ApplianceContents contents)
    {
        if (config.Shape == ApplianceConfig.Debian) return Systemd.SystemdRoot.Create(packages, set, config, image, app, timestamp, files, contents);
        var tree = new FileTree(timestamp);
        var layers = new RootLayers(tree);
        var system = packages.Where(package => !set.IsBoot(package.Name)).ToList();
        var added = config.Packages.Count == 0 ? [] : system.Where(package => !PackageSet.IsAlwaysThere(package.Name)).ToList();
        PackageFiles.AddTo(tree, system.Except(added), timestamp, files, contents);
        if (added.Count > 0)
        {
            layers.Close($"Debian {config.DebianSuite}");
            PackageFiles.AddTo(tree, added, timestamp, files, contents);
        }
        PackageFiles.AddCertificateBundle(tree, timestamp);
        contents.Claim(tree, ApplianceContents.System, "certificates");
        PackageFiles.AddPackageList(tree, packages, timestamp);
        contents.Claim(tree, ApplianceContents.System, "list of packages");
        layers.Close(added.Count > 0 ? "Debian packages: " + string.Join(' ', config.Packages) : $"Debian {config.DebianSuite}");
        var accounts = new Accounts();
        var apps = GuestApp.All(config, app, accounts);
        SystemFiles.AddTo(tree, config.HostName ?? HostNames.Of(image), apps, accounts, timestamp);
        NetworkServices.AddTo(tree, config, set.Architecture, timestamp);
        contents.Claim(tree, ApplianceContents.System, "configuration");
        foreach (var each in apps)
        {
            AppFiles.AddTo(tree, each, timestamp, files);
            contents.ClaimApp(tree, each);
        }
        AddedFiles.AddTo(tree, config, accounts, [.. SystemFiles.StartPaths(tree), .. apps.Select(each => each.Program)], timestamp, files);
        contents.ClaimAdded(tree);
        foreach (var each in apps) AppStart.Check(tree, each);
        layers.Close(image);
        return new RootTree(tree, layers.All, apps);
    }
}
