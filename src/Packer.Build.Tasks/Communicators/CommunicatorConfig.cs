namespace Packer.Communicators;

/// <summary>
/// How the machine that is being built is reached. A builder that starts or uses a machine squashes it (<see cref="ConfigSquashAttribute"/>) into its own
/// settings, and may set other defaults in the initializer of that property. The keys are those of Packer's communicators, with PascalCase names.
/// </summary>
public sealed record CommunicatorConfig
{
    internal const string Ssh = "ssh";
    internal const string WinRm = "winrm";
    internal const string None = "none";

    private const int WinRmPlainPort = 5985;
    private const int WinRmSecurePort = 5986;

    /// <summary>
    /// How the machine is reached: <c>ssh</c>; <c>winrm</c>, for Windows machines; or <c>none</c> for not at all, where only steps that run on this side can be used.
    /// </summary>
    [ConfigChoice(Ssh, WinRm, None)]
    public string Communicator { get; init; } = Ssh;

    /// <summary>Waited before the first connection, without connecting meanwhile. Default: <c>0s</c>.</summary>
    [NotPartOfImage]
    public TimeSpan PauseBeforeConnecting { get; init; }

    /// <summary>Name or address of the machine. Most builders find it themselves; where it is set, it is used instead.</summary>
    public string? SshHost { get; init; }

    /// <summary>Port of the machine's SSH server.</summary>
    [ConfigRange(1, 65535)]
    public int SshPort { get; init; } = 22;

    /// <summary>User to log in as. Needed with <c>ssh</c>.</summary>
    public string? SshUsername { get; init; }

    /// <summary>Password of the user; it also answers questions of keyboard-interactive authentication.</summary>
    [NotPartOfImage]
    public Secret? SshPassword { get; init; }

    /// <summary>
    /// Private key to log in with: a file in OpenSSH's, PKCS #1, PKCS #8 or PuTTY's format. <c>~</c> is the home folder of the user who builds.
    /// </summary>
    [ConfigPath]
    [NotPartOfImage]
    public string? SshPrivateKeyFile { get; init; }

    /// <summary>The text of a private key, in place of <see cref="SshPrivateKeyFile"/>: <c>env:NAME</c> where it comes from a build server's store of secrets.</summary>
    [NotPartOfImage]
    public Secret? SshPrivateKey { get; init; }

    /// <summary>Passphrase of the private key. Packer cannot use a key that is protected by one.</summary>
    [NotPartOfImage]
    public Secret? SshPrivateKeyPassphrase { get; init; }

    /// <summary>OpenSSH user certificate of the private key (<c>id_ed25519-cert.pub</c>).</summary>
    [ConfigPath]
    [NotPartOfImage]
    public string? SshCertificateFile { get; init; }

    /// <summary>Whether to use the keys of the SSH agent (<c>SSH_AUTH_SOCK</c>; on Windows the OpenSSH agent).</summary>
    [NotPartOfImage]
    public bool SshAgentAuth { get; init; }

    /// <summary>The agent is never forwarded to the machine, so <c>true</c> is the only value; the key is here for what comes from Packer.</summary>
    [NotPartOfImage]
    public bool SshDisableAgentForwarding { get; init; } = true;

    /// <summary>
    /// Which host key is accepted. <c>pin</c>: the first one that is seen is kept for the build, and another one later is an error. <c>none</c>: any, at any time.
    /// <c>SHA256:…</c>: the one with this fingerprint, as <c>ssh-keygen -l</c> prints it.
    /// </summary>
    [NotPartOfImage]
    public string SshHostKeyPolicy { get; init; } = "pin";

    /// <summary>Name of the key pair in a cloud, for builders that start machines there.</summary>
    [NotPartOfImage]
    public string? SshKeypairName { get; init; }

    /// <summary>Name that a temporary key pair gets: its comment in <c>authorized_keys</c>. Default: <c>packer_</c> and a random id.</summary>
    [NotPartOfImage]
    public string? TemporaryKeyPairName { get; init; }

    /// <summary>Kind of the temporary key pair, which a builder makes where no other way to log in is set.</summary>
    [ConfigChoice("rsa", "ecdsa", "ed25519")]
    [NotPartOfImage]
    public string TemporaryKeyPairType { get; init; } = "rsa";

    /// <summary>Bits of the temporary key: at least 1024 for <c>rsa</c>; 256, 384 or 521 for <c>ecdsa</c>. Default: 4096 for <c>rsa</c>, 521 for <c>ecdsa</c>.</summary>
    [NotPartOfImage]
    public int? TemporaryKeyPairBits { get; init; }

    /// <summary>Whether the temporary key is taken out of the machine's <c>authorized_keys</c> at the end.</summary>
    public bool SshClearAuthorizedKeys { get; init; }

    /// <summary>Ciphers to offer, best first. Default: all, those with AES-GCM first, which are the fastest.</summary>
    [NotPartOfImage]
    public IReadOnlyList<string> SshCiphers { get; init; } = [];

    /// <summary>Key exchange methods to offer, best first. Default: all.</summary>
    [NotPartOfImage]
    public IReadOnlyList<string> SshKeyExchangeAlgorithms { get; init; } = [];

    /// <summary>Whether commands get a terminal (xterm, 80 columns, 40 rows), as <c>sudo</c> with <c>requiretty</c> wants it. Standard error is then part of the output.</summary>
    public bool SshPty { get; init; }

    /// <summary>How long to wait until the machine can be logged in to, at the start and after a reboot. Default: 5m.</summary>
    [ConfigDeprecated("ssh_wait_timeout")]
    [NotPartOfImage]
    public TimeSpan? SshTimeout { get; init; }

    /// <summary>
    /// How many times logging in may be refused before the build fails; other failures do not count. Default: 10 where <see cref="SshTimeout"/> is not set, else as
    /// often as the time allows.
    /// </summary>
    [ConfigRange(1, int.MaxValue)]
    [NotPartOfImage]
    public int? SshHandshakeAttempts { get; init; }

    /// <summary>How often a sign of life is sent on an idle connection; 0 or less: never.</summary>
    [NotPartOfImage]
    public TimeSpan SshKeepAliveInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A running command whose machine answers nothing for this long, not even signs of life, counts as a lost connection; 0: it waits for ever.</summary>
    [NotPartOfImage]
    public TimeSpan SshReadWriteTimeout { get; init; }

    /// <summary>How files are moved: <c>scp</c>, which needs the program of that name in the machine, or <c>sftp</c>, which its SSH server must offer.</summary>
    [ConfigChoice("scp", "sftp")]
    [NotPartOfImage]
    public string SshFileTransferMethod { get; init; } = "scp";

    /// <summary>A machine to go through (jump host).</summary>
    [NotPartOfImage]
    public string? SshBastionHost { get; init; }

    /// <summary>Port of the jump host's SSH server.</summary>
    [ConfigRange(1, 65535)]
    [NotPartOfImage]
    public int SshBastionPort { get; init; } = 22;

    /// <summary>User on the jump host. Needed with it.</summary>
    [NotPartOfImage]
    public string? SshBastionUsername { get; init; }

    /// <summary>Password on the jump host.</summary>
    [NotPartOfImage]
    public Secret? SshBastionPassword { get; init; }

    /// <summary>Whether a person at the terminal answers what the jump host asks (keyboard-interactive authentication, one-time codes).</summary>
    [NotPartOfImage]
    public bool SshBastionInteractive { get; init; }

    /// <summary>Whether to use the keys of the SSH agent for the jump host.</summary>
    [NotPartOfImage]
    public bool SshBastionAgentAuth { get; init; }

    /// <summary>Private key for the jump host. Default: <c>SshPrivateKeyFile</c>.</summary>
    [ConfigPath]
    [NotPartOfImage]
    public string? SshBastionPrivateKeyFile { get; init; }

    /// <summary>OpenSSH user certificate for the jump host.</summary>
    [ConfigPath]
    [NotPartOfImage]
    public string? SshBastionCertificateFile { get; init; }

    /// <summary>A SOCKS5 proxy to connect through. Excludes a jump host.</summary>
    [NotPartOfImage]
    public string? SshProxyHost { get; init; }

    /// <summary>Port of the proxy.</summary>
    [ConfigRange(1, 65535)]
    [NotPartOfImage]
    public int SshProxyPort { get; init; } = 1080;

    /// <summary>User at the proxy.</summary>
    [NotPartOfImage]
    public string? SshProxyUsername { get; init; }

    /// <summary>Password at the proxy.</summary>
    [NotPartOfImage]
    public Secret? SshProxyPassword { get; init; }

    /// <summary>Tunnels from the machine, each <c>port:host:hostport</c>: the machine listens on its loopback, and what connects there reaches host and port as seen from here.</summary>
    [NotPartOfImage]
    public IReadOnlyList<string> SshRemoteTunnels { get; init; } = [];

    /// <summary>Tunnels into the machine, each <c>port:host:hostport</c>: this side listens on loopback, and what connects there reaches host and port as seen from the machine.</summary>
    [NotPartOfImage]
    public IReadOnlyList<string> SshLocalTunnels { get; init; } = [];

    /// <summary>User to log in to WinRM as: <c>name</c>, or with <see cref="WinrmUseNtlm"/> also <c>DOMAIN\name</c> and <c>name@domain</c>. Needed with <c>winrm</c>.</summary>
    public string? WinrmUsername { get; init; }

    /// <summary>Password of the user. Needed with <c>winrm</c>.</summary>
    [NotPartOfImage]
    public Secret? WinrmPassword { get; init; }

    /// <summary>Name or address of the machine for WinRM. Most builders find it themselves; where it is set, it is used instead.</summary>
    public string? WinrmHost { get; init; }

    /// <summary>Whether to go to the machine directly although a proxy is set for HTTP (<c>HTTP_PROXY</c>). To this machine itself no proxy is ever used.</summary>
    [NotPartOfImage]
    public bool WinrmNoProxy { get; init; }

    /// <summary>Port of the machine's WinRM service. Default: 5985, with <see cref="WinrmUseSsl"/> 5986.</summary>
    [ConfigRange(1, 65535)]
    public int? WinrmPort { get; init; }

    /// <summary>How long to wait until the machine can be logged in to over WinRM.</summary>
    [NotPartOfImage]
    public TimeSpan WinrmTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether WinRM is spoken over HTTPS. Without it everything, the password too, can be read on the way.</summary>
    public bool WinrmUseSsl { get; init; }

    /// <summary>Whether any certificate of the machine is accepted, as one that it has made for itself.</summary>
    [NotPartOfImage]
    public bool WinrmInsecure { get; init; }

    /// <summary>Whether to log in with NTLM (Negotiate), and not with Basic authentication. It encrypts nothing: without HTTPS the machine must allow unencrypted traffic.</summary>
    [NotPartOfImage]
    public bool WinrmUseNtlm { get; init; }

    /// <summary>The host that is set for the communicator, or null.</summary>
    internal string? Host => (Communicator == WinRm ? WinrmHost : SshHost) is { Length: > 0 } host ? host : null;

    /// <summary>The port at which the communicator finds the machine.</summary>
    internal int Port => Communicator == WinRm ? WinrmPort ?? (WinrmUseSsl ? WinRmSecurePort : WinRmPlainPort) : SshPort;
}
