using System.Text;

namespace Packer.TestPlugin;

/// <summary>Says its secret in every way and in every form. A log must not show it all the same.</summary>
[PackerBuilder("teller")]
public sealed class TellerBuilder : Builder<TellerConfig>
{
    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(TellerConfig config, BuildContext context, CancellationToken token)
    {
        var secret = config.Password.Reveal();
        foreach (var form in new[] { secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + secret)), Uri.EscapeDataString(secret) })
        {
            context.Ui.Say("said " + form);
            context.Ui.Message("message " + form);
            context.Ui.Error("error " + form);
            context.Ui.Warn("TELL0001", "warned " + form);
            context.Ui.Machine("record", form);
        }
        var path = Path.Combine(context.OutputDirectory, context.Image + ".txt");
        await File.WriteAllTextAsync(path, "told\n", token);
        if (config.Fail) throw new PackerException(DiagnosticCodes.BuildFailed, $"It failed with {secret}.");
        return new Artifact("packer.test.teller", context.Image, [path], "told " + secret);
    }
}

/// <summary>The settings of the builder <c>teller</c>.</summary>
public sealed record TellerConfig
{
    /// <summary>The secret.</summary>
    [ConfigRequired]
    public Secret Password { get; init; } = null!;

    /// <summary>Whether it fails, with the secret in the message.</summary>
    public bool Fail { get; init; }
}

/// <summary>Takes a secret and does nothing with it.</summary>
[PackerBuilder("quiet")]
public sealed class QuietBuilder : Builder<TellerConfig>
{
    /// <inheritdoc />
    protected override Task<IArtifact?> BuildAsync(TellerConfig config, BuildContext context, CancellationToken token) => Task.FromResult<IArtifact?>(null);
}
