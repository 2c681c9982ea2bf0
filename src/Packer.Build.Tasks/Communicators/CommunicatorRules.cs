using Packer.Communicators.Ssh;

namespace Packer.Communicators;

/// <summary>Checks what the attributes of <see cref="CommunicatorConfig"/> cannot say.</summary>
internal static class CommunicatorRules
{
    /// <summary>Notes every fault of the settings of a communicator.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="error">Takes each: its code, the property at fault, and the message.</param>
    /// <param name="findsHost">Whether the builder finds the address of the machine itself, so that it need not be set.</param>
    /// <param name="bringsKey">Whether the builder gives the machine a temporary SSH key, so that no other way to log in is needed.</param>
    public static void Check(CommunicatorConfig config, Action<string, string?, string> error, bool findsHost, bool bringsKey)
    {
        if (config.Communicator == CommunicatorConfig.WinRm) CheckWinRm(config, error, findsHost);
        if (config.Communicator != CommunicatorConfig.Ssh) return;
        CheckMachine(config, error, findsHost, bringsKey);
        CheckKeys(config, error);
        CheckWay(config, error);
        CheckTimes(config, error);
        foreach (var (key, tunnels) in new[] { (nameof(CommunicatorConfig.SshRemoteTunnels), config.SshRemoteTunnels), (nameof(CommunicatorConfig.SshLocalTunnels), config.SshLocalTunnels) })
        {
            foreach (var tunnel in tunnels.Where(tunnel => SshTunnel.TryParse(tunnel) is null))
                error(DiagnosticCodes.WrongValue, key, $"the tunnel '{tunnel}' is none. Write it as port:host:hostport, like 8080:localhost:80.");
        }
        CheckNames(error, nameof(CommunicatorConfig.SshCiphers), config.SshCiphers, SshAlgorithms.Ciphers);
        CheckNames(error, nameof(CommunicatorConfig.SshKeyExchangeAlgorithms), config.SshKeyExchangeAlgorithms, SshAlgorithms.KeyExchanges);
    }

    private static void CheckWinRm(CommunicatorConfig config, Action<string, string?, string> error, bool findsHost)
    {
        if (string.IsNullOrWhiteSpace(config.WinrmUsername))
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.WinrmUsername), "the communicator 'winrm' needs 'WinrmUsername', the user to log in as. Set it.");
        if (config.WinrmPassword is null)
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.WinrmPassword), "the communicator 'winrm' needs 'WinrmPassword', the password of the user. Set it, best as 'env:NAME'.");
        if (!findsHost && string.IsNullOrWhiteSpace(config.WinrmHost))
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.WinrmHost), "the communicator 'winrm' needs 'WinrmHost', the name or address of the machine. Set it.");
        if (config.WinrmTimeout <= TimeSpan.Zero)
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.WinrmTimeout), "'WinrmTimeout' must be more than 0, like 30m.");
        if (config.WinrmInsecure && !config.WinrmUseSsl)
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.WinrmUseSsl), "'WinrmInsecure' is about certificates, and without HTTPS there is none. Set 'WinrmUseSsl' too, or leave 'WinrmInsecure' out.");
        CheckPause(config, error);
    }

    private static void CheckMachine(CommunicatorConfig config, Action<string, string?, string> error, bool findsHost, bool bringsKey)
    {
        if (string.IsNullOrWhiteSpace(config.SshUsername))
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshUsername), "the communicator 'ssh' needs 'SshUsername', the user to log in as. Set it.");
        if (!findsHost && string.IsNullOrWhiteSpace(config.SshHost))
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshHost), "the communicator 'ssh' needs 'SshHost', the name or address of the machine. Set it.");
        var canLogIn = config.SshPassword is not null || config.SshPrivateKeyFile is not null || config.SshPrivateKey is not null || config.SshAgentAuth;
        if (!bringsKey && !canLogIn)
        {
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshPassword),
                "there is no way to log in to the machine. Set one of 'SshPassword', 'SshPrivateKeyFile', 'SshPrivateKey' and 'SshAgentAuth'.");
        }
        if (!HostKeyPolicy.IsValid(config.SshHostKeyPolicy))
        {
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.SshHostKeyPolicy),
                $"'SshHostKeyPolicy' is '{config.SshHostKeyPolicy}'. Write 'pin', 'none' or a fingerprint 'SHA256:…' as 'ssh-keygen -l' prints it.");
        }
        if (!config.SshDisableAgentForwarding)
        {
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.SshDisableAgentForwarding),
                "the SSH agent is never forwarded to the machine, so 'SshDisableAgentForwarding' cannot be false. Leave it out.");
        }
    }

    private static void CheckKeys(CommunicatorConfig config, Action<string, string?, string> error)
    {
        if (config.SshPrivateKeyFile is not null && config.SshPrivateKey is not null)
            error(DiagnosticCodes.ConflictingKeys, nameof(CommunicatorConfig.SshPrivateKey), "'SshPrivateKeyFile' and 'SshPrivateKey' are both set. Keep one of them.");
        if (config.SshCertificateFile is not null && config.SshPrivateKeyFile is null && config.SshPrivateKey is null)
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshCertificateFile), "'SshCertificateFile' needs the private key that it certifies. Set 'SshPrivateKeyFile' too.");
        if (config.SshBastionCertificateFile is not null && config.SshBastionPrivateKeyFile is null && config.SshPrivateKeyFile is null)
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshBastionCertificateFile), "'SshBastionCertificateFile' needs the private key that it certifies. Set 'SshBastionPrivateKeyFile' too.");
        CheckFile(error, nameof(CommunicatorConfig.SshPrivateKeyFile), config.SshPrivateKeyFile);
        CheckFile(error, nameof(CommunicatorConfig.SshCertificateFile), config.SshCertificateFile);
        CheckFile(error, nameof(CommunicatorConfig.SshBastionPrivateKeyFile), config.SshBastionPrivateKeyFile);
        CheckFile(error, nameof(CommunicatorConfig.SshBastionCertificateFile), config.SshBastionCertificateFile);
        if (config.TemporaryKeyPairBits is not { } bits) return;
        var expected = config.TemporaryKeyPairType switch
        {
            "rsa" when bits is < 1024 or > 16384 => "between 1024 and 16384",
            "ecdsa" when bits is not (256 or 384 or 521) => "256, 384 or 521",
            _ => null,
        };
        if (expected is not null)
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.TemporaryKeyPairBits), $"'TemporaryKeyPairBits' is {bits}, but a key of the kind '{config.TemporaryKeyPairType}' has {expected}.");
    }

    private static void CheckWay(CommunicatorConfig config, Action<string, string?, string> error)
    {
        if (config.SshBastionHost is null) return;
        if (config.SshProxyHost is not null)
            error(DiagnosticCodes.ConflictingKeys, nameof(CommunicatorConfig.SshProxyHost), "'SshBastionHost' and 'SshProxyHost' exclude each other. Keep one of them.");
        if (string.IsNullOrWhiteSpace(config.SshBastionUsername))
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshBastionUsername), "'SshBastionHost' needs 'SshBastionUsername', the user on the jump host. Set it.");
        var canLogIn = config.SshBastionPassword is not null || config.SshBastionPrivateKeyFile is not null || config.SshPrivateKeyFile is not null || config.SshBastionAgentAuth || config.SshBastionInteractive;
        if (!canLogIn)
        {
            error(DiagnosticCodes.RequiredKeyMissing, nameof(CommunicatorConfig.SshBastionPassword),
                "there is no way to log in to the jump host. Set one of 'SshBastionPassword', 'SshBastionPrivateKeyFile', 'SshBastionAgentAuth' and 'SshBastionInteractive'.");
        }
    }

    private static void CheckTimes(CommunicatorConfig config, Action<string, string?, string> error)
    {
        if (config.SshTimeout is { } timeout && timeout <= TimeSpan.Zero)
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.SshTimeout), "'SshTimeout' must be more than 0, like 5m.");
        CheckPause(config, error);
        if (config.SshReadWriteTimeout < TimeSpan.Zero)
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.SshReadWriteTimeout), "'SshReadWriteTimeout' cannot be less than 0.");
    }

    private static void CheckPause(CommunicatorConfig config, Action<string, string?, string> error)
    {
        if (config.PauseBeforeConnecting < TimeSpan.Zero)
            error(DiagnosticCodes.WrongValue, nameof(CommunicatorConfig.PauseBeforeConnecting), "'PauseBeforeConnecting' cannot be less than 0.");
    }

    private static void CheckFile(Action<string, string?, string> error, string key, string? path)
    {
        if (path is not null && !File.Exists(path))
            error(DiagnosticCodes.InputMissing, key, $"'{key}' is '{path}', but there is no such file. Correct the path: it is relative to the project directory, or begins with '~/'.");
    }

    private static void CheckNames(Action<string, string?, string> error, string key, IReadOnlyList<string> names, IReadOnlyList<string> known)
    {
        foreach (var name in names.Where(name => !known.Contains(name, StringComparer.Ordinal)))
            error(DiagnosticCodes.WrongValue, key, $"'{key}' names '{name}', which is not known. Known are {string.Join(", ", known)}.");
    }
}
