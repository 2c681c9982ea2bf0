namespace Packer.Builders.Appliance.Systemd;

/// <summary>The rules of the settings that have to do with the shape of an image.</summary>
internal static class SystemdRules
{
    /// <summary>Reports every fault: the code, the property and the message.</summary>
    public static void Check(ApplianceConfig config, Action<string, string?, string> error)
    {
        foreach (var key in config.AuthorizedKeys.Where(key => !AuthorizedKeys.IsKey(key)))
            error(DiagnosticCodes.WrongValue, nameof(config.AuthorizedKeys), $"'{key}' is not a public SSH key. Give a line such as 'ssh-ed25519 AAAA… me@here'; name files of keys in AuthorizedKeyFiles.");
        if (config.Shape == ApplianceConfig.Debian)
        {
            if (config.Root == ApplianceConfig.InMemory)
                error(DiagnosticCodes.ConflictingKeys, nameof(config.Root), $"'Root' is '{ApplianceConfig.InMemory}', and an installed Debian is too large for that. Set Shape to '{ApplianceConfig.Minimal}', or Root to '{ApplianceConfig.OnDisk}' with Immutable.");
            foreach (var name in config.Environment.Keys.Where(name => !AppUnit.IsVariable(name)))
                error(DiagnosticCodes.WrongValue, nameof(config.Environment), $"'{name}' cannot be the name of an environment variable of a service. Take letters, digits and '_'; ASP.NET Core reads '__' where a key has ':'.");
            return;
        }
        if (config.UnsupportedScripts != ApplianceConfig.ScriptsAreErrors) OnlyDebian(nameof(config.UnsupportedScripts), "nothing is configured on a machine without systemd");
        if (config.AuthorizedKeys.Count > 0) OnlyDebian(nameof(config.AuthorizedKeys), "an image of the shape 'minimal' has no SSH server");
        if (config.AuthorizedKeyFiles.Count > 0) OnlyDebian(nameof(config.AuthorizedKeyFiles), "an image of the shape 'minimal' has no SSH server");

        void OnlyDebian(string key, string why) => error(DiagnosticCodes.ConflictingKeys, key, $"'{key}' has no effect: {why}. Set Shape to 'debian', or remove it.");
    }
}
