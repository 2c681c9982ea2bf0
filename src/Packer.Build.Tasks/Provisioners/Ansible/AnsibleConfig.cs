namespace Packer.Provisioners.Ansible;

/// <summary>Settings of <c>ansible</c>, which runs a playbook from this machine.</summary>
public sealed record AnsibleConfig
{
    /// <summary>The playbook.</summary>
    [ConfigRequired]
    [InputFile]
    public string PlaybookFile { get; init; } = "";

    /// <summary>Other files that the playbook reads, such as roles: when they change, the image is out of date. Globs are allowed.</summary>
    [InputFiles]
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>The program that runs a playbook.</summary>
    public string Command { get; init; } = "ansible-playbook";

    /// <summary>More arguments for it, each an element of its own.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>Variables of its environment, each <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> AnsibleEnvVars { get; init; } = [];

    /// <summary>
    /// Arguments for its <c>ssh</c>. Default: <c>-o UserKnownHostsFile=/dev/null</c>, and <c>-o IdentitiesOnly=yes</c> where the connection has a private
    /// key.
    /// </summary>
    public IReadOnlyList<string> AnsibleSshExtraArgs { get; init; } = [];

    /// <summary>The name of the machine in the inventory.</summary>
    public string HostAlias { get; init; } = "default";

    /// <summary>Groups of the inventory that the machine is in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Groups of the inventory that are empty.</summary>
    public IReadOnlyList<string> EmptyGroups { get; init; } = [];

    /// <summary>The user on the machine. Default: the one of the connection.</summary>
    public string? User { get; init; }

    /// <summary>An inventory to use in place of the generated one.</summary>
    [InputFile]
    public string? InventoryFile { get; init; }

    /// <summary>The folder that the generated inventory lies in while the playbook runs, so that <c>group_vars</c> and <c>host_vars</c> there are found. Default: a temporary one.</summary>
    [InputDirectory]
    public string? InventoryDirectory { get; init; }

    /// <summary>
    /// The line of the machine in the inventory. Default: its alias with <c>ansible_host</c>, <c>ansible_user</c> and <c>ansible_port</c>; for WinRM also
    /// <c>ansible_connection=winrm ansible_winrm_transport=basic ansible_shell_type=powershell</c>.
    /// </summary>
    [RenderLate("HostAlias", "Host", "User", "Port")]
    public string? InventoryFileTemplate { get; init; }

    /// <summary>Whether WinRM is spoken without TLS.</summary>
    [NotPartOfImage]
    public bool AnsibleWinrmUseHttp { get; init; }
}
