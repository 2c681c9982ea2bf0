using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// A maintainer script (Debian Policy 6), read as what it is made of: the parts that debhelper generates, whose effects are known from their form, and what a
/// person wrote, which is recognised by its hash. A new version of debhelper or of the package so leaves a script known, and a new line by hand does not.
/// </summary>
/// <param name="Handwritten">The lines that are not generated, without comments, blanks at their ends, and lines that do nothing.</param>
/// <param name="Effects">What the generated parts do on a first installation.</param>
/// <param name="InitScripts">Names of scripts in <c>/etc/init.d</c> that are to be started: systemd starts a unit of the same name in their place.</param>
internal sealed partial record ScriptText(string Handwritten, IReadOnlyList<ScriptEffect> Effects, IReadOnlyList<string> InitScripts)
{
    private const int FingerprintLength = 16;
    private const string SectionStart = "# Automatically added by ";
    private const string SectionEnd = "# End automatically added section";

    private static readonly string[] LinesThatDoNothing = ["set -e", "set -eu", "set +eu", "exit 0"];

    /// <summary>
    /// Tools of debhelper whose parts do nothing on a first installation that is not done in another way: systemd makes users and temporary files at each start, or
    /// they are made with the image, linker caches too; the others look after upgrades, other init systems, or caches of documentation.
    /// </summary>
    private static readonly HashSet<string> ToolsWithoutEffect = new(StringComparer.Ordinal)
    {
        "dh_apparmor", "dh_icons", "dh_installdeb", "dh_installmenu", "dh_installmodules", "dh_installsysusers", "dh_installtmpfiles", "dh_makeshlibs", "dh_python3", "dh_runit", "dh_sysusers",
    };

    /// <summary>Whether debhelper made the whole script.</summary>
    public bool IsGenerated => Handwritten.Length == 0;

    /// <summary>The first digits of the SHA-256 of what a person wrote, in which the folder of libraries is called as on x86-64: a package has the same script for every processor.</summary>
    /// <param name="architecture">The processor that the package is for.</param>
    public string Fingerprint(MachineArchitecture architecture) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(Handwritten.Replace(architecture.Libraries, MachineArchitecture.X64.Libraries, StringComparison.Ordinal))))[..FingerprintLength];

    /// <summary>Reads a script.</summary>
    public static ScriptText Parse(ReadOnlySpan<byte> content)
    {
        var handwritten = new List<string>();
        var effects = new List<ScriptEffect>();
        var initScripts = new List<string>();
        string? tool = null;
        var section = new List<string>();
        // Any bytes, each as one character.
        foreach (var raw in Encoding.Latin1.GetString(content).Split('\n'))
        {
            var line = raw.Trim(' ', '\t', '\r');
            if (line.StartsWith(SectionStart, StringComparison.Ordinal))
            {
                CloseSection();
                tool = line[SectionStart.Length..].Split('/')[0];
            }
            else if (line.StartsWith(SectionEnd, StringComparison.Ordinal)) CloseSection();
            else if (line.Length > 0 && line[0] != '#') (tool is null ? handwritten : section).Add(line);
        }
        CloseSection();
        return new ScriptText(string.Join('\n', handwritten.Where(line => !LinesThatDoNothing.Contains(line, StringComparer.Ordinal))), effects, initScripts);

        void CloseSection()
        {
            if (tool is not null && !TryInterpret(tool, string.Join('\n', section), effects, initScripts)) handwritten.AddRange(section);
            tool = null;
            section.Clear();
        }
    }

    private static bool TryInterpret(string tool, string section, List<ScriptEffect> effects, List<string> initScripts)
    {
        if (ToolsWithoutEffect.Contains(tool)) return true;
        switch (tool)
        {
            case "dh_installsystemd" or "dh_installsystemduser" or "dh_systemd_enable" or "dh_systemd_start":
                // A unit that is enabled only where an older package had enabled it.
                if (!section.Contains("debian-installed", StringComparison.Ordinal))
                    foreach (Match match in Enabling().Matches(section)) effects.Add(new EnableUnit(match.Groups[2].Value, ForUsers: match.Groups[1].Success));
                return true;
            case "dh_installinit":
                foreach (Match match in InitScript().Matches(section)) initScripts.Add(match.Groups[1].Value);
                return true;
            case "dh_installalternatives":
                return AlternativeCommand.TryParse(section, effects);
            default:
                return false;
        }
    }

    [GeneratedRegex("""deb-systemd-helper (--user )?enable '([^']+)'""")]
    private static partial Regex Enabling();

    [GeneratedRegex("""update-rc\.d (\S+) defaults""")]
    private static partial Regex InitScript();
}
