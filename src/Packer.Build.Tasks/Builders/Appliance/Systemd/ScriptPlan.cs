namespace Packer.Builders.Appliance.Systemd;

/// <summary>What takes the place of the maintainer scripts of an image's packages: effects for those that are known, and the names of packages that are not.</summary>
/// <param name="Effects">What the scripts do, with their packages, in the order of the packages.</param>
/// <param name="Unsupported">Scripts that are not known.</param>
internal sealed record ScriptPlan(IReadOnlyList<(string Package, ScriptEffect Effect)> Effects, IReadOnlyList<UnsupportedScript> Unsupported)
{
    // Those that run before and after a package's files are unpacked for the first time. The others run when it is removed.
    private static readonly string[] OnInstallation = ["preinst", "postinst"];

    /// <summary>Names of the packages that have to be configured on the machine itself.</summary>
    public IReadOnlySet<string> Unconfigured { get; } = Unsupported.Select(script => script.Package).ToHashSet(StringComparer.Ordinal);

    /// <summary>Looks every script up.</summary>
    /// <param name="packages">The packages of the root file system, with their control files.</param>
    /// <param name="architecture">Whose packages they are.</param>
    /// <param name="hasUnit">Whether systemd has a unit, by its name.</param>
    public static ScriptPlan Create(IEnumerable<ImagePackage> packages, MachineArchitecture architecture, Func<string, bool> hasUnit)
    {
        var effects = new List<(string, ScriptEffect)>();
        var unsupported = new List<UnsupportedScript>();
        foreach (var package in packages.OrderBy(package => package.Name, StringComparer.Ordinal))
        {
            var own = new List<ScriptEffect>();
            var faults = new List<UnsupportedScript>();
            foreach (var script in OnInstallation)
            {
                if (!package.ControlFiles.TryGetValue(script, out var content)) continue;
                var text = ScriptText.Parse(content);
                var fingerprint = text.Fingerprint(architecture);
                own.AddRange(text.Effects);
                if (!text.IsGenerated)
                {
                    if (KnownScripts.Find(package.Name, script, fingerprint) is { } known) own.AddRange(known.Effects);
                    else faults.Add(new UnsupportedScript(package.Name, script, fingerprint, KnownScripts.IsKnown(package.Name, script) ? UnsupportedReason.Changed : UnsupportedReason.Unknown));
                }
                faults.AddRange(text.InitScripts.Where(name => !hasUnit(name + ".service")).Select(name => new UnsupportedScript(package.Name, script, fingerprint, UnsupportedReason.InitScript)));
            }
            if (faults.Count == 0) effects.AddRange(own.Select(effect => (package.Name, effect)));
            else unsupported.AddRange(faults);
        }
        return new ScriptPlan(effects, unsupported);
    }

    /// <summary>The error about the scripts that are not known; null where there are none.</summary>
    public PackerException? Error()
    {
        if (Unsupported.Count == 0) return null;
        var isChange = Unsupported.All(script => script.Reason == UnsupportedReason.Changed);
        var which = string.Join(", ", Unsupported.Select(script => $"{script.Package} ({script.Script}, {script.Fingerprint}{script.Reason switch
        {
            UnsupportedReason.Changed => ", changed",
            UnsupportedReason.InitScript => ", which starts a script of System V and no unit",
            _ => "",
        }})"));
        const string WhatToDo = "Set UnsupportedScripts to 'FirstBoot', so that the machine configures these packages when it starts for the first time, or leave them out of Packages.";
        return isChange
            ? new PackerException(DiagnosticCodes.MaintainerScriptChanged, $"The SDK knows what the maintainer scripts of these packages did, but they have changed since: {which}. Take a newer SDK, or the versions of before by a lock file. {WhatToDo}")
            : new PackerException(DiagnosticCodes.MaintainerScriptUnknown, $"These packages have maintainer scripts, which do not run while an image is composed, and the SDK does not know what they do: {which}. {WhatToDo}");
    }
}

/// <summary>A script whose effects are not known.</summary>
/// <param name="Package">The name of its package.</param>
/// <param name="Script">Its name.</param>
/// <param name="Fingerprint">The hash of what a person wrote of it.</param>
/// <param name="Reason">Why.</param>
internal sealed record UnsupportedScript(string Package, string Script, string Fingerprint, UnsupportedReason Reason);

/// <summary>Why the effects of a script are not known.</summary>
internal enum UnsupportedReason
{
    /// <summary>The package's script was never looked at.</summary>
    Unknown,

    /// <summary>Another version of it was.</summary>
    Changed,

    /// <summary>It has a script of System V started that systemd has no unit for.</summary>
    InitScript,
}
