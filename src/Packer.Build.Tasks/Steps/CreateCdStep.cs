using Packer.Imaging;

namespace Packer.Steps;

/// <summary>Makes the CD of <see cref="CdConfig"/>, where there is anything for it.</summary>
internal sealed class CreateCdStep(CdConfig config, BuildContext context) : IStep
{
    private const string Medium = "CD";
    private const string FileName = "cd.iso";

    public string Name => "Create the CD";

    /// <summary>Full path of the image; null before the step has run, and where there is nothing for a CD.</summary>
    public string? CdPath { get; private set; }

    /// <summary>Checks what attributes cannot say.</summary>
    public static void Validate(CdConfig config, ConfigValidation validation)
    {
        if (!Iso9660Options.IsLabel(config.CdLabel))
            validation.Error(DiagnosticCodes.WrongValue, nameof(CdConfig.CdLabel), $"'CdLabel' is '{config.CdLabel}'; it must be 1 to {Iso9660Options.MaximumLabelLength} printable ASCII characters.");
        MediumFile.ValidateContent(config.CdContent, nameof(CdConfig.CdContent), validation);
    }

    public async Task RunAsync(CancellationToken token)
    {
        if (config.CdFiles.Count == 0 && config.CdContent.Count == 0) return;
        var path = Path.Combine(context.TemporaryDirectory, FileName);
        context.Ui.Say("Creating the CD");
        await MediumFile.WriteAsync(Medium, path, Fill, tree => Iso9660Writer.Create(tree, new Iso9660Options { Label = config.CdLabel, Timestamp = MediumTree.Timestamp }), token).ConfigureAwait(false);
        CdPath = path;
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (CdPath is not null) File.Delete(CdPath);
        CdPath = null;
        return Task.CompletedTask;
    }

    private void Fill(MediumTree tree)
    {
        tree.AddPaths(config.CdFiles);
        tree.AddContent(config.CdContent);
    }
}
