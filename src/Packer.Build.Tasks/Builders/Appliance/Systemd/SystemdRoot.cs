using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>Makes the root file system of an image of the shape <c>debian</c>: installed packages, and the apps as services.</summary>
internal static class SystemdRoot
{
    // This package makes /bin, /lib and /sbin links to folders below /usr, which all others then fill.
    private const string FirstPackage = "base-files";
    private const string Modules = "/usr/lib/modules/";

    /// <summary>Makes the tree; the parameters are those of <see cref="RootTree.Create"/>.</summary>
    /// <exception cref="PackerException">A package has a maintainer script that is not known, or the settings do not fit.</exception>
    public static RootTree Create(
        IReadOnlyList<ImagePackage> packages, PackageSet set, ApplianceConfig config, string image, AppContent app, long timestamp, FilePool files, ApplianceContents contents)
    {
        var tree = new FileTree(timestamp);
        var layers = new RootLayers(tree);
        var system = packages.Where(package => !set.IsBoot(package.Name)).ToList();
        foreach (var package in system.OrderBy(package => package.Name != FirstPackage).ThenBy(package => package.Name, StringComparer.Ordinal))
        {
            TarTree.AddTo(tree, package.TarPath, DebianFiles.IsKept, files);
            contents.Claim(tree, ApplianceContents.Packages, package.Name);
        }
        // A container has no kernel of its own.
        if (ApplianceFormats.NeedBoot(config))
        {
            var kernel = PackageSet.KernelOf(packages);
            TarTree.AddTo(tree, kernel.TarPath, path => path.StartsWith(Modules, StringComparison.Ordinal), files);
            foreach (var (path, content) in kernel.ModuleIndex) tree.AddFile(path, new BytesSource(content), new NodeMetadata(Permissions.Octal(644), timestamp));
            contents.Claim(tree, ApplianceContents.Packages, kernel.Name);
        }
        tree.ClampModificationTimes(timestamp);

        var machine = new MachineState(tree, set.Architecture, timestamp);
        var plan = ScriptPlan.Create(system, set.Architecture, machine.Units.Exists);
        if (config.UnsupportedScripts == ApplianceConfig.ScriptsAreErrors && plan.Error() is { } error) throw error;
        DpkgDatabase.AddPackages(machine, system, plan.Unconfigured);
        foreach (var (package, effect) in plan.Effects) effect.Apply(machine, package);
        AlternativeFiles.AddTo(machine);
        var profiles = PamConfiguration.AddTo(machine);
        DebconfDatabase.AddTo(machine, system, plan.Unconfigured, new Dictionary<string, string> { [PamConfiguration.Question] = profiles });
        DpkgDatabase.AddState(machine);
        // What is not installed as far as dpkg goes: it lies on the boot partition.
        PackageFiles.AddPackageList(tree, packages.Where(package => set.IsBoot(package.Name)), timestamp);
        contents.Claim(tree, ApplianceContents.System, "list of packages");
        layers.Close($"Debian {config.DebianSuite}");

        var accounts = new Accounts(machine.Users.Accounts, machine.Users.Groups);
        var apps = GuestApp.All(config, app, accounts);
        SystemdFiles.AddTo(machine, config, new ImageIdentity(image, config.DebianSuite), config.HostName ?? HostNames.Of(image), apps, plan.Unconfigured);
        AuthorizedKeys.AddTo(machine, config, system.Exists(package => package.Name == SystemdPackages.SshServer));
        foreach (var each in apps) AddService(machine, each);
        machine.Units.AddPresets(system.Where(package => plan.Unconfigured.Contains(package.Name)).SelectMany(DpkgDatabase.Files).Select(path => path[(path.LastIndexOf('/') + 1)..]).ToHashSet(StringComparer.Ordinal));
        machine.Users.AddTo(tree, timestamp);
        contents.Claim(tree, ApplianceContents.System, "configuration");

        foreach (var each in apps)
        {
            AppFiles.AddTo(tree, each, timestamp, files);
            contents.ClaimApp(tree, each);
        }
        AddedFiles.AddTo(tree, config, accounts, StartPaths(apps), timestamp, files);
        contents.ClaimAdded(tree);
        foreach (var each in apps) AppStart.Check(tree, each);
        layers.Close(image);
        return new RootTree(tree, layers.All, apps);
    }

    private static void AddService(MachineState machine, GuestApp app)
    {
        // Those of the image were looked at before; the settings of an added app do not know the shape of the image.
        if (app.Environment.Keys.FirstOrDefault(name => !AppUnit.IsVariable(name)) is { } variable)
            throw new PackerException(DiagnosticCodes.WrongValue, $"The app '{app.Name}' has the environment variable '{variable}', whose name a service cannot have. Take letters, digits and '_'; ASP.NET Core reads '__' where a key has ':'.");
        machine.Users.Add(app.User);
        machine.Tree.AddDirectory(app.Home, new NodeMetadata(Permissions.Octal(750), app.User.Id, app.User.Group, machine.Timestamp));
        machine.Tree.AddFile(AppUnit.PathOf(app), AppUnit.Text(app), machine.Metadata(644));
        machine.Tree.AddDirectory(AppUnit.EnvironmentFolder, machine.Metadata(755));
        // The environment may hold what is not for the app's visitors.
        machine.Tree.AddFile(AppUnit.EnvironmentPathOf(app), AppUnit.EnvironmentText(app), machine.Metadata(600));
        machine.Units.Enable(AppUnit.NameOf(app));
    }

    private static IEnumerable<string> StartPaths(IReadOnlyList<GuestApp> apps) =>
        ["/usr/sbin/init", .. apps.SelectMany(app => (string[])[AppUnit.PathOf(app), AppUnit.EnvironmentPathOf(app), app.Program])];
}
