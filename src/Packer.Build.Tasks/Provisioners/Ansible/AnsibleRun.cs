using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Packer.Engine;

namespace Packer.Provisioners.Ansible;

/// <summary>One run of a playbook.</summary>
internal sealed class AnsibleRun(AnsibleConfig config, ProvisionContext context)
{
    private const string Line = "{{.HostAlias}} ansible_host={{.Host}} ansible_user={{.User}} ansible_port={{.Port}}";
    private const string WindowsLine = Line + " ansible_connection=winrm ansible_winrm_transport=basic ansible_shell_type=powershell";
    private const string WindowsConnection = "winrm";

    private readonly bool isWindows = string.Equals(Text(context, "ConnType"), WindowsConnection, StringComparison.OrdinalIgnoreCase);

    public async Task RunAsync(CancellationToken token)
    {
        var folder = TemporaryDirectory.Create(context.Build.TemporaryDirectory, "ansible-");
        await using var removal = folder.ConfigureAwait(false);
        string? inventory = null;
        try
        {
            if (config.InventoryFile is null)
            {
                inventory = Path.Combine(config.InventoryDirectory ?? folder.FullPath, $"packer-inventory-{Guid.NewGuid():N}");
                await System.IO.File.WriteAllTextAsync(inventory, Inventory(), token).ConfigureAwait(false);
            }
            var key = await PrivateKeyAsync(folder.FullPath, token).ConfigureAwait(false);
            var variables = Path.Combine(folder.FullPath, "variables.json");
            await WriteSecretAsync(variables, Variables(key).ToJsonString(), token).ConfigureAwait(false);
            await PlayAsync(inventory ?? config.InventoryFile!, variables, key is not null, token).ConfigureAwait(false);
        }
        finally
        {
            if (inventory is not null) System.IO.File.Delete(inventory);
        }
    }

    private async Task PlayAsync(string inventory, string variables, bool hasKey, CancellationToken token)
    {
        context.Ui.Say($"Running the playbook: {config.PlaybookFile}");
        var arguments = new List<string> { "-e", "@" + variables };
        if (!isWindows) arguments.AddRange(["--ssh-extra-args", string.Join(' ', SshArguments(hasKey))]);
        arguments.AddRange(config.ExtraArguments);
        arguments.AddRange(["-i", inventory, config.PlaybookFile]);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            // A new machine has a new host key in every build.
            ["ANSIBLE_HOST_KEY_CHECKING"] = "False",
            ["PYTHONUNBUFFERED"] = "1",
        };
        foreach (var variable in config.AnsibleEnvVars)
        {
            var split = variable.IndexOf('=', StringComparison.Ordinal);
            environment[variable[..split]] = variable[(split + 1)..];
        }
        var process = context.Build.Processes.Start(new ProcessStart(config.Command, arguments)
        {
            WorkingDirectory = context.Build.ProjectDirectory,
            Environment = environment,
            Output = line => context.Ui.Message(line.TrimEnd()),
            Error = line => context.Ui.Error(line.TrimEnd()),
        });
        await using var end = process.ConfigureAwait(false);
        var exitCode = await process.WaitAsync(token).ConfigureAwait(false);
        if (exitCode != 0)
            throw new PackerException(DiagnosticCodes.PlaybookFailed, $"The playbook '{config.PlaybookFile}' ended with exit code {exitCode}. Its output above says why; ExtraArguments=\"-vvv\" makes it say more.");
    }

    private IReadOnlyList<string> SshArguments(bool hasKey)
    {
        if (config.AnsibleSshExtraArgs.Count > 0) return config.AnsibleSshExtraArgs;
        return hasKey ? ["-o IdentitiesOnly=yes", "-o UserKnownHostsFile=/dev/null"] : ["-o UserKnownHostsFile=/dev/null"];
    }

    private string Inventory()
    {
        var line = context.Render(config.InventoryFileTemplate ?? (isWindows ? WindowsLine : Line), new Dictionary<string, string>
        {
            ["HostAlias"] = config.HostAlias,
            ["Host"] = Text(context, "Host") ?? throw new PackerException(DiagnosticCodes.CommunicatorMissing,
                "The playbook has no machine to work on, since the image has no connection to one. Set Communicator (for example 'ssh') on the image, or 'InventoryFile'."),
            ["User"] = config.User ?? Text(context, "User") ?? "",
            ["Port"] = Text(context, "Port") ?? "",
        }).TrimEnd();
        var text = new StringBuilder(line).Append('\n');
        foreach (var group in config.Groups) text.Append('[').Append(group).Append("]\n").Append(line).Append('\n');
        foreach (var group in config.EmptyGroups) text.Append('[').Append(group).Append("]\n");
        return text.ToString();
    }

    /// <summary>In a file and not among the arguments, which every user of this machine can see.</summary>
    private JsonObject Variables(string? privateKey)
    {
        var variables = new JsonObject { ["packer_build_name"] = context.Build.Image, ["packer_builder_type"] = context.Build.BuilderType };
        if (Text(context, "PackerHTTPAddr") is { } address) variables["packer_http_addr"] = address;
        if (privateKey is not null) variables["ansible_ssh_private_key_file"] = privateKey;
        if (Text(context, "Password") is { Length: > 0 } password) variables["ansible_password"] = password;
        if (isWindows)
        {
            variables["ansible_winrm_server_cert_validation"] = "ignore";
            variables["ansible_winrm_scheme"] = config.AnsibleWinrmUseHttp ? "http" : "https";
        }
        return variables;
    }

    /// <summary>The file of the connection's private key; written where only its text is known.</summary>
    private async Task<string?> PrivateKeyAsync(string folder, CancellationToken token)
    {
        if (Text(context, "SSHPrivateKeyFile") is { Length: > 0 } file) return file;
        if (Text(context, "SSHPrivateKey") is not { Length: > 0 } key) return null;
        var path = Path.Combine(folder, "key");
        await WriteSecretAsync(path, key.EndsWith('\n') ? key : key + "\n", token).ConfigureAwait(false);
        return path;
    }

    private static async Task WriteSecretAsync(string path, string text, CancellationToken token)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        await using (stream.ConfigureAwait(false)) await stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).ConfigureAwait(false);
    }

    private static string? Text(ProvisionContext context, string key) =>
        context.Data.GetValueOrDefault(key) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
}
