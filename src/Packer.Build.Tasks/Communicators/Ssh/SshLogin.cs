namespace Packer.Communicators.Ssh;

/// <summary>Who logs in to a machine, and how.</summary>
/// <param name="Username">The user.</param>
internal sealed record SshLogin(string Username)
{
    public string? Password { get; init; }

    /// <summary>Text of the private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Where the private key comes from, for messages.</summary>
    public string PrivateKeyName { get; init; } = "";

    public string? Passphrase { get; init; }

    public string? CertificateFile { get; init; }

    public bool UseAgent { get; init; }

    /// <summary>Whether a person answers what the server asks.</summary>
    public bool Interactive { get; init; }

    /// <summary>The login to the machine that is built.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="keyPair">The temporary key pair, used where the settings name no key.</param>
    /// <exception cref="PackerException">A key file cannot be read, or a secret not be resolved.</exception>
    public static SshLogin ToMachine(CommunicatorConfig config, SshKeyPair? keyPair)
    {
        var login = new SshLogin(config.SshUsername ?? "")
        {
            Password = config.SshPassword?.Reveal(),
            Passphrase = config.SshPrivateKeyPassphrase?.Reveal(),
            CertificateFile = config.SshCertificateFile,
            UseAgent = config.SshAgentAuth,
        };
        if (config.SshPrivateKeyFile is { } file) return login with { PrivateKey = Read(file), PrivateKeyName = $"'{file}'" };
        if (config.SshPrivateKey is { } secret) return login with { PrivateKey = secret.Reveal(), PrivateKeyName = "of SshPrivateKey" };
        return keyPair is null ? login : login with { PrivateKey = keyPair.PrivateKey, PrivateKeyName = "that was made for the build", Passphrase = null };
    }

    /// <summary>The login to the jump host.</summary>
    /// <param name="config">The settings.</param>
    /// <exception cref="PackerException">A key file cannot be read, or a secret not be resolved.</exception>
    public static SshLogin ToBastion(CommunicatorConfig config)
    {
        var file = config.SshBastionPrivateKeyFile ?? config.SshPrivateKeyFile;
        return new SshLogin(config.SshBastionUsername ?? "")
        {
            Password = config.SshBastionPassword?.Reveal(),
            PrivateKey = file is null ? null : Read(file),
            PrivateKeyName = $"'{file}'",
            Passphrase = config.SshPrivateKeyPassphrase?.Reveal(),
            CertificateFile = config.SshBastionCertificateFile,
            UseAgent = config.SshBastionAgentAuth,
            Interactive = config.SshBastionInteractive,
        };
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.SshKeyUnusable, $"The private key '{file}' cannot be read: {exception.Message} Correct the path, or give read access to it.", exception);
        }
    }
}
