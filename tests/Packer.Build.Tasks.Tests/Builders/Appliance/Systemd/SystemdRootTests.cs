using System.Text;
using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>From packages to the root file system of an installed Debian.</summary>
[TestClass]
public sealed class SystemdRootTests
{
    private const long Time = ApplianceConfig.DefaultSourceDateEpoch;
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINVf8cA0pJj6gGqkzDs7KuCUlZRQ9jZ1pT3h2BqXbU1C me@here";

    private static readonly ApplianceConfig Debian = new() { Shape = "debian" };

    [TestMethod]
    public void Dpkg_takes_the_packages_for_installed()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("conf", ("etc/", ""), ("etc/conf/", ""), ("etc/conf/settings", "hello\n"), ("usr/share/doc/conf/README", "read me"));
        packages.Control(("conffiles", "/etc/conf/settings\nremove-on-upgrade /etc/conf/old\n"), ("md5sums", "x  usr/share/doc/conf/README\n"), ("postrm", "#!/bin/sh\nset -e\n"));

        var tree = Root(folder, files, packages, Debian);

        StringAssert.Contains(Text(tree, "/var/lib/dpkg/status"), "Package: conf\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\nDescription: test\n more\nConffiles:\n /etc/conf/settings b1946ac92492d2347c6235b4d2611184\n\n");
        Assert.AreEqual("/etc\n/etc/conf\n/etc/conf/settings\n/usr/share/doc/conf/README\n", Text(tree, "/var/lib/dpkg/info/conf.list"));
        Assert.AreEqual(Permissions.Octal(755), tree.Get("/var/lib/dpkg/info/conf.postrm").Metadata.Mode);
        Assert.AreEqual(Permissions.Octal(644), tree.Get("/var/lib/dpkg/info/conf.md5sums").Metadata.Mode);
        Assert.IsNull(tree.Find("/var/lib/dpkg/info/conf.control"));
        Assert.AreEqual("/usr/lib/sysctl.d systemd/noawait\n", Text(tree, "/var/lib/dpkg/triggers/File"));
        Assert.AreEqual("systemd\n", Text(tree, "/var/lib/dpkg/triggers/ldconfig"));
        // The kernel lies on the boot partition, where dpkg has no business; scanners find it.
        Assert.DoesNotContain("Package: linux-image", Text(tree, "/var/lib/dpkg/status"));
        Assert.IsNotNull(tree.Find("/var/lib/dpkg/status.d/linux-image-6.12.0-test"));
        Assert.IsNull(tree.Find("/usr/share/man/man1/x.1.gz"));
    }

    [TestMethod]
    public void Debconf_knows_the_questions_of_the_packages()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("libpam-runtime", ("usr/share/pam-configs/unix", "Name: Unix\nDefault: yes\nPriority: 256\n"), ("usr/share/pam-configs/a", "Name: A\nDefault: yes\nPriority: 0\n"));
        packages.Control(("templates", """
            Template: libpam-runtime/profiles
            Type: multiselect
            Choices: ${profiles}
            Choices-C: ${profile_names}
            Description: PAM profiles to enable:
             Pluggable modules
             determine it.
             .
             And more.
            Description-de.UTF-8: PAM-Profile
             Nicht hier.

            Template: libpam-runtime/title
            Type: title
            Description: PAM

            """));

        var tree = Root(folder, files, packages, Debian);

        Assert.AreEqual("Name: libpam-runtime/profiles\nChoices: ${profiles}\nChoices-c: ${profile_names}\nDescription: PAM profiles to enable:\nExtended_description: Pluggable modules determine it.\\n\\nAnd more.\nType: multiselect\nOwners: libpam-runtime/profiles\n\n"
            + "Name: libpam-runtime/title\nDescription: PAM\nType: title\nOwners: libpam-runtime/title\n\n", Text(tree, "/var/cache/debconf/templates.dat"));
        Assert.AreEqual("Name: libpam-runtime/profiles\nTemplate: libpam-runtime/profiles\nValue: unix, a\nOwners: libpam-runtime\nFlags: seen\n\nName: libpam-runtime/title\nTemplate: libpam-runtime/title\nOwners: libpam-runtime\n\n", Text(tree, "/var/cache/debconf/config.dat"));
    }

    [TestMethod]
    public void Systemd_starts_what_packages_enable_and_no_more()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);

        var tree = Root(folder, files, packages, Debian);

        Assert.AreEqual("/usr/lib/systemd/system/systemd-networkd.service", tree.Get("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service").Target);
        Assert.IsNotNull(tree.Find("/etc/systemd/system/dbus-org.freedesktop.network1.service"));
        Assert.IsNotNull(tree.Find("/etc/systemd/system/sockets.target.wants/systemd-networkd.socket"));
        Assert.AreEqual("/usr/lib/systemd/system/packer-app.service", tree.Get("/etc/systemd/system/multi-user.target.wants/packer-app.service").Target);
        // A preset of Debian's says no.
        Assert.IsNull(tree.Find("/etc/systemd/system/sysinit.target.wants/wait.service"));
        Assert.AreEqual("# What is not enabled in the image stays so on its first start.\ndisable getty@.service\ndisable spare.socket\ndisable wait.service\n", Text(tree, "/usr/lib/systemd/system-preset/00-image.preset"));
        StringAssert.Contains(Text(tree, "/var/lib/systemd/deb-systemd-helper-enabled/systemd-networkd.service.dsh-also"), "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service\n");
        Assert.AreEqual("uninitialized\n", Text(tree, "/etc/machine-id"));
        Assert.AreEqual("/dev/null", tree.Get("/etc/systemd/system/systemd-firstboot.service").Target);
        Assert.AreEqual("../lib/systemd/systemd", tree.Get("/usr/sbin/init").Target);
    }

    [TestMethod]
    public void Users_are_those_of_debian_the_packages_and_the_apps_and_none_has_a_password()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);

        var tree = Root(folder, files, packages, Debian with { Directories = [new ImageDirectory { Path = "/srv/man", Owner = "man" }, new ImageDirectory { Path = "/srv/bus", Owner = "bus:render" }] });

        Assert.AreEqual("""
            root:x:0:0:root:/root:/bin/bash
            man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
            door:x:995:65534:door:/run/door:/usr/sbin/nologin
            bus:x:996:996:Message Bus:/run/bus:/usr/sbin/nologin
            net:x:997:997:Network Management:/:/usr/sbin/nologin
            app:x:1654:1654:app:/var/lib/app:/usr/sbin/nologin
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

            """.ReplaceLineEndings("\n"), Text(tree, "/etc/passwd"));
        Assert.AreEqual("root:x:0:\ndaemon:x:1:\nman:x:12:\nshadow:x:42:\nbus:x:996:\nnet:x:997:\nfixed:x:998:\nrender:x:999:bus\napp:x:1654:\nnogroup:x:65534:\n", Text(tree, "/etc/group"));
        Assert.IsTrue(Text(tree, "/etc/shadow").Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => line.Split(':')[1] == "*"));
        Assert.AreEqual((Permissions.Octal(640), 42u), (tree.Get("/etc/shadow").Metadata.Mode, tree.Get("/etc/shadow").Metadata.GroupId));
        Assert.AreEqual((6u, 12u), (tree.Get("/srv/man").Metadata.UserId, tree.Get("/srv/man").Metadata.GroupId));
        Assert.AreEqual((996u, 999u), (tree.Get("/srv/bus").Metadata.UserId, tree.Get("/srv/bus").Metadata.GroupId));
        Assert.AreEqual(1654u, tree.Get("/var/lib/app").Metadata.UserId);
    }

    [TestMethod]
    public void A_script_that_is_not_known_is_an_error_that_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("strange", ("usr/bin/strange", "x"));
        packages.Control(("postinst", "#!/bin/sh\nadduser --system strange\n"));

        var unknown = Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, Debian));
        Assert.AreEqual(DiagnosticCodes.MaintainerScriptUnknown, unknown.Code);
        StringAssert.Contains(unknown.Message, "strange (postinst, ");
        StringAssert.Contains(unknown.Message, "UnsupportedScripts to 'FirstBoot'");

        packages = DebianPackages.Create(Directory.CreateDirectory(folder["others"]).FullName);
        packages.Add("openssh-server", ("usr/sbin/sshd", "x"));
        packages.Control(("postinst", "#!/bin/sh\nsomething new\n"));
        var changed = Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, Debian));
        Assert.AreEqual(DiagnosticCodes.MaintainerScriptChanged, changed.Code);
        StringAssert.Contains(changed.Message, "openssh-server (postinst, ");
    }

    [TestMethod]
    public void A_script_of_another_init_system_is_known_only_where_systemd_has_a_unit()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("old", ("etc/init.d/quiet", "x"));
        packages.Control(("postinst", "# Automatically added by dh_installinit/13\nupdate-rc.d quiet defaults >/dev/null\n# End automatically added section\n"));
        Root(folder, files, packages, Debian);
        packages.Add("older", ("etc/init.d/older", "x"));
        packages.Control(("postinst", "# Automatically added by dh_installinit/13\nupdate-rc.d older defaults >/dev/null\n# End automatically added section\n"));

        StringAssert.Contains(Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, Debian)).Message, "older (postinst");
    }

    [TestMethod]
    public void A_package_can_wait_for_the_first_start()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        packages.Add("strange", ("usr/lib/systemd/system/strange.service", "[Install]\nWantedBy=multi-user.target\n"));
        packages.Control(("postinst", "#!/bin/sh\nadduser --system strange\n" + DebianPackages.Enabling("strange.service")));

        var tree = Root(folder, files, packages, Debian with { UnsupportedScripts = "FirstBoot" });

        StringAssert.Contains(Text(tree, "/var/lib/dpkg/status"), "Package: strange\nStatus: install ok unpacked\n");
        Assert.AreEqual("strange\n", Text(tree, "/var/lib/packer/unpacked"));
        Assert.IsNotNull(tree.Find("/etc/systemd/system/multi-user.target.wants/packer-first-boot.service"));
        Assert.AreEqual(Permissions.Octal(755), tree.Get("/usr/lib/packer/configure-packages").Metadata.Mode);
        // Its service does not start before, and can be enabled then.
        Assert.IsNull(tree.Find("/etc/systemd/system/multi-user.target.wants/strange.service"));
        StringAssert.Contains(Text(tree, "/usr/lib/systemd/system-preset/00-unpacked.preset"), "disable strange.service\n");
        Assert.DoesNotContain("strange", Text(tree, "/usr/lib/systemd/system-preset/00-image.preset"));
    }

    [TestMethod]
    public void Root_logs_in_with_a_key_and_nobody_with_a_password()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        File.WriteAllText(folder["id.pub"], "# mine\n" + Key.Replace("me@here", "other@there", StringComparison.Ordinal) + "\n");
        var config = Debian with { AuthorizedKeys = [Key], AuthorizedKeyFiles = [folder["id.pub"]] };
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);

        var error = Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, config));
        StringAssert.Contains(error.Message, "Add 'openssh-server' to Packages");
        packages.Add("openssh-server", ("usr/sbin/sshd", "x"));
        var tree = Root(folder, files, packages, config);

        Assert.AreEqual(Key + "\n" + Key.Replace("me@here", "other@there", StringComparison.Ordinal) + "\n", Text(tree, "/root/.ssh/authorized_keys"));
        Assert.AreEqual((Permissions.Octal(700), Permissions.Octal(600)), (tree.Get("/root/.ssh").Metadata.Mode, tree.Get("/root/.ssh/authorized_keys").Metadata.Mode));
        StringAssert.Contains(Text(tree, "/etc/ssh/sshd_config.d/image.conf"), "PasswordAuthentication no\n");
        File.WriteAllText(folder["id.pub"], "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        StringAssert.Contains(Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, config)).Message, "no file of public SSH keys");
    }

    [TestMethod]
    public void The_homes_of_apps_lie_on_the_data_partition_where_there_is_one()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);

        Assert.IsNull(Root(folder, files, packages, Debian).Find("/usr/lib/systemd/system/packer-homes.service"));
        var tree = Root(folder, files, packages, Debian with { DataSize = ByteSize.Parse("64M"), Immutable = true });

        Assert.AreEqual("/var/lib/app\n", Text(tree, "/usr/lib/packer/homes"));
        Assert.IsNotNull(tree.Find("/etc/systemd/system/sysinit.target.wants/packer-homes.service"));
        Assert.DoesNotContain(" / ", Text(tree, "/etc/fstab"));
    }

    [TestMethod]
    public void What_starts_the_app_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        File.WriteAllText(folder["file"], "x");

        var error = Assert.ThrowsExactly<PackerException>(() => Root(folder, files, packages, Debian with { Files = [new ImageFile { Source = folder["file"], Path = "/usr/lib/systemd/system/packer-app.service" }] }));

        Assert.AreEqual(DiagnosticCodes.FileNotAdded, error.Code);
    }

    [TestMethod]
    public void An_added_app_is_a_service_of_its_own()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);
        var worker = TestApp.Create(folder["worker"]);

        var tree = Root(new AppOptions { User = "bus", HttpPort = 81 });

        StringAssert.Contains(Text(tree, "/usr/lib/systemd/system/packer-worker.service"), "\nUser=bus\n");
        StringAssert.Contains(Text(tree, "/etc/packer/worker.env"), "ASPNETCORE_HTTP_PORTS=\"81\"\n");
        Assert.IsNotNull(tree.Find("/etc/systemd/system/multi-user.target.wants/packer-worker.service"));
        // A user of a package owns the home of the app that runs as it.
        Assert.AreEqual((996u, 996u), (tree.Get("/var/lib/worker").Metadata.UserId, tree.Get("/var/lib/worker").Metadata.GroupId));
        Assert.AreEqual(DiagnosticCodes.WrongValue, Assert.ThrowsExactly<PackerException>(() => Root(new AppOptions { Environment = new Dictionary<string, string> { ["a.b"] = "c" } })).Code);

        FileTree Root(AppOptions options) => RootTree.Create(
            packages.All, DebianPackages.Set, Debian, "web", TestApp.Create(folder["app"]) with { AddedApps = [new AddedApp("worker", worker, options)] }, Time, files, new ApplianceContents()).Tree;
    }

    [TestMethod]
    public void A_container_has_no_modules()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var packages = DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName);

        Assert.IsNotNull(Root(folder, files, packages, Debian).Find($"/usr/lib/modules/{TestPackages.KernelVersion}/kernel/virtio_blk.ko"));
        Assert.IsNull(Root(folder, files, packages, Debian with { Formats = ["tar"] }).Find("/usr/lib/modules"));
    }

    [TestMethod]
    public void Nothing_is_younger_than_the_time_of_the_image()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, DebianPackages.Create(Directory.CreateDirectory(folder["packages"]).FullName), Debian);

        Assert.IsEmpty(tree.Walk().Where(entry => entry.Node.Metadata.ModificationTime > Time).Select(entry => entry.Path).ToList());
    }

    private static FileTree Root(TemporaryFolder folder, FilePool files, TestPackages packages, ApplianceConfig config) =>
        RootTree.Create(packages.All, DebianPackages.Set, config, "web", TestApp.Create(folder["app"]), Time, files, new ApplianceContents()).Tree;

    private static string Text(FileTree tree, string path) => Encoding.UTF8.GetString(tree.Get(path).Data.ReadAll());
}
