namespace Packer.Provisioners.Breakpoint;

/// <summary>Holds the build until the person at the terminal presses Enter.</summary>
[PackerProvisioner("breakpoint")]
public sealed class BreakpointProvisioner : Provisioner<BreakpointConfig>
{
    /// <inheritdoc />
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override void Validate(BreakpointConfig config, ConfigValidation validation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(validation);
        // What a person does at the machine meanwhile is not known.
        if (!config.Disable) validation.AddUnknownInput();
    }

    /// <inheritdoc />
    protected override async Task ProvisionAsync(BreakpointConfig config, ProvisionContext context, CancellationToken token)
    {
        var note = config.Note.Length == 0 ? "" : $" '{config.Note}'";
        if (config.Disable)
        {
            context.Ui.Say($"The breakpoint{note} is disabled.");
            return;
        }
        if (!context.Ui.CanAsk)
            throw new PackerException(DiagnosticCodes.NoTerminal, $"The breakpoint{note} waits for a person, but there is no terminal. Run the build from a terminal, or set 'Disable' or remove the breakpoint.");
        context.Ui.Say($"Pausing at the breakpoint{note}.");
        await context.Ui.AskAsync($"Breakpoint{note} of the image '{context.Build.Image}'. Press Enter to continue.", token).ConfigureAwait(false);
    }
}
