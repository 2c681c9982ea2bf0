using System.Globalization;
using Packer.Steps;

namespace Packer.Provisioners.ShellLocal;

/// <summary>Runs scripts on this machine while the image's machine runs.</summary>
[PackerProvisioner("shell-local")]
public sealed class ShellLocalProvisioner : Provisioner<ShellLocalConfig>
{
    /// <inheritdoc />
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override void Validate(ShellLocalConfig config, ConfigValidation validation) => Steps.ShellLocal.Validate(config, validation);

    /// <inheritdoc />
    protected override Task ProvisionAsync(ShellLocalConfig config, ProvisionContext context, CancellationToken token)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("PACKER_HTTP_ADDR", "PackerHTTPAddr");
        Add("PACKER_HTTP_IP", "PackerHTTPIP");
        Add("PACKER_HTTP_PORT", "PackerHTTPPort");
        return new Steps.ShellLocal(config, context.Build, context.Ui, variables).RunAsync(token);

        void Add(string variable, string key)
        {
            if (context.Data.GetValueOrDefault(key) is { } value) variables[variable] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        }
    }
}
