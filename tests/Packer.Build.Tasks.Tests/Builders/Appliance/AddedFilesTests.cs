using System.Text;
using Packer.Builders.Appliance;
using Packer.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What the user puts into an image besides the app.</summary>
[TestClass]
public sealed class AddedFilesTests
{
    private const long Time = ApplianceConfig.DefaultSourceDateEpoch;

    [TestMethod]
    public void Files_and_folders_get_modes_and_owners_by_rules()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        Write(folder["site/index.html"], "<html>");
        Write(folder["site/bin/tool"], "#!/bin/sh\n");
        Write(folder["settings.json"], "{}");

        var tree = Root(folder, files, new ApplianceConfig
        {
            Files =
            [
                new ImageFile { Source = folder["site"], Path = "/srv/site", Owner = "app:root" },
                new ImageFile { Source = folder["settings.json"], Path = "/etc/web/" , Mode = "0640", Owner = "0:app" },
                new ImageFile { Source = folder["site"], Path = "/srv/private", Mode = "0640" },
            ],
            Directories = [new ImageDirectory { Path = "/srv/uploads", Mode = "2750", Owner = "app" }, new ImageDirectory { Path = "/srv/site/bin/", Mode = "0700" }],
        });

        CollectionAssert.AreEqual((string[])[
            "/srv/private 750 0:0", "/srv/private/bin 750 0:0", "/srv/private/bin/tool 640 0:0", "/srv/private/index.html 640 0:0",
            "/srv/site 755 1654:0", "/srv/site/bin 700 1654:0", "/srv/site/bin/tool 755 1654:0", "/srv/site/index.html 644 1654:0",
            "/srv/uploads 2750 1654:1654"],
            Described(tree, "/srv/").ToArray());
        CollectionAssert.AreEqual((string[])["/etc/web/settings.json 640 0:1654"], Described(tree, "/etc/web/").ToArray());
        Assert.AreEqual("{}", Encoding.UTF8.GetString(tree.Get("/etc/web/settings.json").Data.ReadAll()));
        Assert.IsTrue(tree.Walk().All(entry => entry.Node.Metadata.ModificationTime <= Time));
    }

    [TestMethod]
    public void A_folder_can_be_laid_over_the_whole_image()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        Write(folder["overlay/etc/debian_version"], "replaced\n");
        Write(folder["overlay/bin/tool"], "#!/bin/sh\n");
        Write(folder["overlay/var/tmp/x"], "x");
        Write(folder["overlay/app/appsettings.json"], "{ \"replaced\": true }");

        var tree = Root(folder, files, new ApplianceConfig { Files = [new ImageFile { Source = folder["overlay"], Path = "/" }] });

        Assert.AreEqual("replaced\n", Encoding.UTF8.GetString(tree.Get("/etc/debian_version").Data.ReadAll()));
        StringAssert.Contains(Encoding.UTF8.GetString(tree.Get("/app/appsettings.json").Data.ReadAll()), "replaced");
        Assert.AreEqual("usr/bin", tree.Get("/bin").Target);
        Assert.IsNotNull(tree.Find("/usr/bin/tool"));
        Assert.AreEqual(Permissions.Octal(1777), tree.Get("/var/tmp").Metadata.Mode);
    }

    [TestMethod]
    [DataRow("/etc/inittab")]
    [DataRow("/sbin/init")]
    [DataRow("/bin/busybox")]
    [DataRow("/usr/lib/packer/boot")]
    [DataRow("/usr/lib/packer/start-app")]
    [DataRow("/app/Web")]
    public void What_starts_the_machine_is_not_replaced(string path)
    {
        using var folder = new TemporaryFolder();
        Write(folder["file"], "x");

        var error = Fails(folder, new ApplianceConfig { Files = [new ImageFile { Source = folder["file"], Path = path }] });

        StringAssert.Contains(error.Message, "would replace");
    }

    [TestMethod]
    public void What_cannot_be_put_there_says_where_and_why()
    {
        using var folder = new TemporaryFolder();
        Write(folder["file"], "x");

        StringAssert.Contains(Fails(folder, new ApplianceConfig { Files = [new ImageFile { Source = folder["file"], Path = "/etc" }] }).Message, "'/etc'");
        StringAssert.Contains(Fails(folder, new ApplianceConfig { Files = [new ImageFile { Source = folder["file"], Path = "/etc/hostname/x" }] }).Message, "no folder");
        StringAssert.Contains(Fails(folder, new ApplianceConfig { Files = [new ImageFile { Source = folder["gone"], Path = "/etc/x" }] }).Message, "'/etc/x'");
        StringAssert.Contains(Fails(folder, new ApplianceConfig { Files = [new ImageFile { Source = folder["file"], Path = "/etc/x", Owner = "web" }] }).Message, "root, nobody, app");
        StringAssert.Contains(Fails(folder, new ApplianceConfig { Directories = [new ImageDirectory { Path = "/etc/hostname" }] }).Message, "'/etc/hostname'");
    }

    [TestMethod]
    public void An_app_starts_only_in_a_folder_that_is_there()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var config = new ApplianceConfig { WorkingDirectory = "/srv/work" };

        Assert.AreEqual(DiagnosticCodes.WorkingDirectoryMissing, Assert.ThrowsExactly<PackerException>(() => Root(folder, files, config)).Code);
        Root(folder, files, config with { Directories = [new ImageDirectory { Path = "/srv/work" }] });
    }

    [TestMethod]
    public void A_user_of_the_image_owns_the_home_of_the_app()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, new ApplianceConfig { User = "web" });

        StringAssert.Contains(Encoding.UTF8.GetString(tree.Get("/etc/passwd").Data.ReadAll()), "\nweb:x:1654:1654:web:/var/lib/app:/usr/sbin/nologin\n");
        Assert.AreEqual("root:x:0:\ntty:x:5:\nweb:x:1654:\nnogroup:x:65534:\n", Encoding.UTF8.GetString(tree.Get("/etc/group").Data.ReadAll()));
        Assert.AreEqual(0u, Root(folder, files, new ApplianceConfig { User = "root" }).Get("/var/lib/app").Metadata.UserId);
        StringAssert.Contains(Encoding.UTF8.GetString(Root(folder, files, new ApplianceConfig { User = "7" }).Get("/etc/passwd").Data.ReadAll()), "\nuser7:x:7:7:");
    }

    private static IEnumerable<string> Described(FileTree tree, string prefix) => tree.Walk().Where(entry => entry.Path.StartsWith(prefix, StringComparison.Ordinal))
        .Select(entry => $"{entry.Path} {Convert.ToString((int)entry.Node.Metadata.Mode, 8)} {entry.Node.Metadata.UserId}:{entry.Node.Metadata.GroupId}");

    private static PackerException Fails(TemporaryFolder folder, ApplianceConfig config)
    {
        using var files = new FilePool();
        var error = Assert.ThrowsExactly<PackerException>(() => Root(folder, files, config));
        Assert.AreEqual(DiagnosticCodes.FileNotAdded, error.Code);
        return error;
    }

    private static FileTree Root(TemporaryFolder folder, FilePool files, ApplianceConfig config)
    {
        var packages = TestPackages.Complete(Directory.CreateDirectory(folder[Guid.NewGuid().ToString("N")]).FullName).All;
        return RootTree.Create(packages, PackageSet.For(true, [], MachineArchitecture.X64), config, "web", TestApp.Create(folder["publish"]), Time, files, new ApplianceContents()).Tree;
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
