using System.Text;
using Packer.Builders.Appliance;
using Packer.Builders.Appliance.Systemd;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>What is read in maintainer scripts.</summary>
[TestClass]
public sealed class ScriptTextTests
{
    private const string Generated = """
        #!/bin/sh
        set -e
        # Automatically added by dh_installsystemd/13.24.2
        if [ "$1" = "configure" ]; then
        	deb-systemd-helper unmask 'web.service' >/dev/null || true
        	if deb-systemd-helper --quiet was-enabled 'web.service'; then
        		deb-systemd-helper enable 'web.service' >/dev/null || true
        	fi
        fi
        # End automatically added section
        # Automatically added by dh_installsystemd/13.24.2
        if deb-systemd-helper debian-installed 'web.socket'; then
        	deb-systemd-helper enable 'web.socket' >/dev/null || true
        fi
        # End automatically added section
        # Automatically added by dh_installsystemduser/13.24.2
        	deb-systemd-helper --user enable 'agent.socket' >/dev/null || true
        # End automatically added section
        # Automatically added by dh_installalternatives/13.24.2
        update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \
            --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz
        # End automatically added section
        # Automatically added by dh_installinit/13.24.2
        	update-rc.d web defaults >/dev/null
        # End automatically added section
        # Automatically added by dh_installtmpfiles/13.24.2
        	systemd-tmpfiles --create web.conf || true
        # End automatically added section
        exit 0

        """;

    [TestMethod]
    public void What_debhelper_generates_is_known_by_its_form()
    {
        var text = Parse(Generated);

        Assert.IsTrue(text.IsGenerated, text.Handwritten);
        // A unit that is enabled only where an older package had enabled it is not.
        CollectionAssert.AreEqual((string[])["web.service", "user agent.socket"], text.Effects.OfType<EnableUnit>().Select(effect => (effect.ForUsers ? "user " : "") + effect.Unit).ToArray());
        var alternative = text.Effects.OfType<AddAlternative>().Single();
        Assert.AreEqual(("/usr/bin/awk", "awk", "/usr/bin/mawk", 5), (alternative.Link, alternative.Name, alternative.Path, alternative.Priority));
        Assert.AreEqual(new AlternativeSlave("/usr/share/man/man1/awk.1.gz", "awk.1.gz", "/usr/share/man/man1/mawk.1.gz"), alternative.Slaves.Single());
        CollectionAssert.AreEqual((string[])["web"], text.InitScripts.ToArray());
    }

    [TestMethod]
    public void A_script_is_known_by_what_a_person_wrote()
    {
        var text = Parse("#!/bin/sh\nset -e\n# Makes a link.\nln -s a /etc/b\n" + Generated);

        Assert.AreEqual("ln -s a /etc/b", text.Handwritten);
        Assert.AreEqual(16, text.Fingerprint(MachineArchitecture.X64).Length);
        // Another release of debhelper, other comments and blanks, Windows' line ends.
        Assert.AreEqual(text.Fingerprint(MachineArchitecture.X64), Parse(("#!/bin/dash\nset -e\n\n  ln -s a /etc/b \n# Now:\n" + Generated.Replace("13.24.2", "14.1", StringComparison.Ordinal)).Replace("\n", "\r\n", StringComparison.Ordinal)).Fingerprint(MachineArchitecture.X64));
        Assert.AreNotEqual(text.Fingerprint(MachineArchitecture.X64), Parse("ln -s a /etc/c\n" + Generated).Fingerprint(MachineArchitecture.X64));
    }

    [TestMethod]
    public void What_another_tool_generates_counts_as_written()
    {
        var text = Parse("# Automatically added by dh_surprise/1\nrm -rf /\n# End automatically added section\n");

        Assert.AreEqual("rm -rf /", text.Handwritten);
    }

    [TestMethod]
    public void Bytes_that_are_no_text_do_no_harm() => Assert.AreNotEqual(ScriptText.Parse([0xFF, 0xFE, (byte)'x']).Fingerprint(MachineArchitecture.X64), ScriptText.Parse([0xFF, 0xFD, (byte)'x']).Fingerprint(MachineArchitecture.X64));

    private static ScriptText Parse(string text) => ScriptText.Parse(Encoding.UTF8.GetBytes(text));
}
