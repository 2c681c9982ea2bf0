using Packer.Builders.Appliance;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>Small packages of an installed Debian.</summary>
internal static class DebianPackages
{
    /// <summary>All packages of an image, with scripts that are wholly generated.</summary>
    public static TestPackages Create(string folder)
    {
        var packages = TestPackages.Complete(folder);
        packages.Add("base-passwd",
            ("usr/share/base-passwd/passwd.master", "root:*:0:0:root:/root:/bin/bash\nman:*:6:12:man:/var/cache/man:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"),
            ("usr/share/base-passwd/group.master", "root:*:0:\ndaemon:*:1:\nman:*:12:\nshadow:*:42:\nnogroup:*:65534:\n"));
        packages.Add("systemd",
            ("usr/lib/systemd/systemd", "\u007FELF"), ("usr/sbin/init", "->../lib/systemd/systemd"),
            ("usr/lib/sysusers.d/a.conf", "# users\ng render -\nu! net - \"Network Management\"\nu bus - \"Message Bus\" /run/bus\nu door -:nogroup \"door\" /run/door\nm bus render\ng fixed 998\n"),
            ("usr/lib/systemd/system/getty@.service", "[Unit]\n[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n"),
            ("usr/lib/systemd/system/systemd-networkd.service", "[Service]\n[Install]\nWantedBy=multi-user.target\nAlso=systemd-networkd.socket\nAlias=dbus-org.freedesktop.network1.service\n"),
            ("usr/lib/systemd/system/systemd-networkd.socket", "[Install]\nWantedBy=sockets.target\n"),
            ("usr/lib/systemd/system/wait.service", "[Install]\nWantedBy=sysinit.target\n"),
            ("usr/lib/systemd/system/quiet.service", "[Service]\n"),
            ("usr/lib/systemd/system/spare.socket", "[Install]\nWantedBy=sockets.target\n"),
            ("usr/lib/systemd/system-preset/90-systemd.preset", "disable wait.*\n"));
        packages.Control(("control", ""), ("postinst", Enabling("wait.service")), ("triggers", "interest-noawait /usr/lib/sysctl.d\ninterest ldconfig\nactivate-noawait other\n"));
        packages.Add("libc-bin", ("etc/ld.so.conf.d/", ""), ("etc/ld.so.conf.d/libc.conf", "/usr/local/lib\n"), ("usr/share/man/man1/x.1.gz", "help"));
        return packages;
    }

    /// <summary>A script that debhelper makes to enable a unit.</summary>
    public static string Enabling(string unit) => $"#!/bin/sh\nset -e\n# Automatically added by dh_installsystemd/13\ndeb-systemd-helper enable '{unit}' >/dev/null || true\n# End automatically added section\n";

    /// <summary>The set in which these packages are in the root file system.</summary>
    public static PackageSet Set => Packer.Builders.Appliance.Systemd.SystemdPackages.For(true, [], MachineArchitecture.X64, null, false, false);
}
