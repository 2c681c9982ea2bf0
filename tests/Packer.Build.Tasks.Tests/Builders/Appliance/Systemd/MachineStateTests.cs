using System.Text;
using Packer.Builders.Appliance;
using Packer.Builders.Appliance.Systemd;
using Packer.Imaging;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>What takes the place of scripts.</summary>
[TestClass]
public sealed class MachineStateTests
{
    [TestMethod]
    public void The_best_alternative_stands_behind_a_name()
    {
        var tree = Tree(("/usr/bin/less", ""), ("/bin/more", ""), ("/usr/share/man/man1/less.1.gz", ""));
        var machine = new MachineState(tree, MachineArchitecture.X64, 7);
        var page = new AlternativeSlave("/usr/share/man/man1/pager.1.gz", "pager.1.gz", "/usr/share/man/man1/less.1.gz");
        new AddAlternative("/usr/bin/pager", "pager", "/usr/bin/less", 77, page).Apply(machine, "less");
        new AddAlternative("/usr/bin/pager", "pager", "/bin/more", 50).Apply(machine, "util-linux");
        new AddAlternative("/usr/bin/pager", "pager", "/bin/gone", 90).Apply(machine, "gone");

        AlternativeFiles.AddTo(machine);

        Assert.AreEqual("/etc/alternatives/pager", tree.Get("/usr/bin/pager").Target);
        Assert.AreEqual("/usr/bin/less", tree.Get("/etc/alternatives/pager").Target);
        Assert.AreEqual("/usr/share/man/man1/less.1.gz", tree.Get("/etc/alternatives/pager.1.gz").Target);
        Assert.AreEqual("auto\n/usr/bin/pager\npager.1.gz\n/usr/share/man/man1/pager.1.gz\n\n/bin/more\n50\n\n/usr/bin/less\n77\n/usr/share/man/man1/less.1.gz\n\n", Text(tree, "/var/lib/dpkg/alternatives/pager"));
    }

    /// <summary>What pam-auth-update makes of these profiles.</summary>
    [TestMethod]
    public void Profiles_of_packages_make_the_common_files_of_pam()
    {
        const string Template = "# top\n# here are the per-package modules (the \"Primary\" block)\n$session_primary\n# here's the fallback if no module succeeds\nx\n# and here are more per-package modules (the \"Additional\" block)\n$session_additional\n# end of pam-auth-update config\n";
        var tree = Tree(
            ("/usr/share/pam-configs/unix", "Name: Unix\nDefault: yes\nPriority: 256\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_unix.so try_first_pass\nAuth-Initial:\n\t[success=end default=ignore]\tpam_unix.so\nSession-Type: Additional\nSession:\n\trequired\tpam_unix.so\n"),
            ("/usr/share/pam-configs/other", "Name: Other\nDefault: yes\nPriority: 10\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_other.so  a   b\nAuth-Initial:\n\tx\tnever.so\n"),
            ("/usr/share/pam-configs/systemd", "Name: systemd\nDefault: yes\nPriority: 0\nSession-Interactive-Only: yes\nSession-Type: Additional\nSession:\n\toptional\tpam_systemd.so\n"),
            ("/usr/share/pam-configs/home", "Name: home\nDefault: no\nPriority: 0\nSession-Type: Additional\nSession:\n\toptional\tpam_home.so\n"),
            ("/usr/share/pam/common-auth", Template), ("/usr/share/pam/common-session", Template), ("/usr/share/pam/common-session-noninteractive", Template));

        PamConfiguration.AddTo(new MachineState(tree, MachineArchitecture.X64, 7));

        StringAssert.Contains(Text(tree, "/etc/pam.d/common-auth"), "block)\nauth\t[success=2 default=ignore]\tpam_unix.so \nauth\t[success=1 default=ignore]\tpam_other.so a b\n# here's");
        Assert.AreEqual(Template.Replace("$session_primary", "session\t[default=1]\t\t\tpam_permit.so", StringComparison.Ordinal).Replace("$session_additional", "session\trequired\tpam_unix.so \nsession\toptional\tpam_systemd.so ", StringComparison.Ordinal), Text(tree, "/etc/pam.d/common-session"));
        Assert.DoesNotContain("pam_systemd", Text(tree, "/etc/pam.d/common-session-noninteractive"));
        Assert.AreEqual("Module: null\n[default=1]\t\t\tpam_permit.so\nModule: unix\nrequired\tpam_unix.so\nModule: systemd\noptional\tpam_systemd.so\n", Text(tree, "/var/lib/pam/session"));
    }

    [TestMethod]
    public void Scripts_leave_what_they_would_leave()
    {
        var tree = Tree(("/usr/share/base-passwd/group.master", "root:*:0:\nmail:*:8:\n"), ("/usr/share/openssh/sshd_config", "Port 22\n"), ("/usr/bin/tool", "x"));
        tree.AddDirectory("/var/run", default);
        var machine = new MachineState(tree, MachineArchitecture.X64, 7);
        foreach (var effect in (ScriptEffect[])
        [
            new ReplaceFolder("/var/run", "/run"), new MakeFolder("/var/mail", 2775, "mail"), new CopyManagedFile("/usr/share/openssh/sshd_config", "/etc/ssh/sshd_config"),
            new SetMode("/usr/bin/tool", "mail", 2755, IsKept: true), new SetMode("/usr/bin/gone", "mail", 2755, IsKept: true), new Divert("/lib32", "/.lib32"), new MakeFile("/usr/bin/tool", "never"),
        ]) effect.Apply(machine, "package");
        DpkgDatabase.AddState(machine);

        Assert.AreEqual("/run", tree.Get("/var/run").Target);
        Assert.AreEqual((Permissions.Octal(2775), 8u), (tree.Get("/var/mail").Metadata.Mode, tree.Get("/var/mail").Metadata.GroupId));
        Assert.AreEqual("Port 22\n", Text(tree, "/etc/ssh/sshd_config"));
        StringAssert.EndsWith(Text(tree, "/var/lib/ucf/hashfile"), "  /etc/ssh/sshd_config\n");
        Assert.AreEqual("package \t /etc/ssh/sshd_config\n", Text(tree, "/var/lib/ucf/registry"));
        Assert.AreEqual("root mail 2755 /usr/bin/tool\n", Text(tree, "/var/lib/dpkg/statoverride"));
        Assert.AreEqual("/lib32\n/.lib32\npackage\n", Text(tree, "/var/lib/dpkg/diversions"));
        Assert.AreEqual("x", Text(tree, "/usr/bin/tool"));
    }

    [TestMethod]
    public void A_script_does_the_same_for_every_processor()
    {
        const string Script = "dpkg-divert --divert /lib/{0}/libx.so.usr-is-merged --add /lib/{0}/libx.so";
        var machine = new MachineState(new FileTree(0), MachineArchitecture.Arm64, 7);
        new DivertLibrary("libx.so", ".usr-is-merged").Apply(machine, "libx");

        Assert.AreEqual(Fingerprint(MachineArchitecture.X64), Fingerprint(MachineArchitecture.Arm64));
        Assert.AreEqual(("/lib/aarch64-linux-gnu/libx.so", "/lib/aarch64-linux-gnu/libx.so.usr-is-merged", "libx"), machine.Diversions.Single());

        static string Fingerprint(MachineArchitecture architecture) =>
            ScriptText.Parse(Encoding.UTF8.GetBytes(Script.Replace("{0}", architecture.Libraries, StringComparison.Ordinal))).Fingerprint(architecture);
    }

    private static FileTree Tree(params (string Path, string Text)[] files)
    {
        var tree = new FileTree(0);
        foreach (var (path, text) in files) tree.AddFile(path, text, default);
        return tree;
    }

    private static string Text(FileTree tree, string path) => Encoding.UTF8.GetString(tree.Get(path).Data.ReadAll());
}
