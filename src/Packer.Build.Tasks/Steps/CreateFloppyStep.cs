using System.Buffers.Binary;
using Packer.Imaging;

namespace Packer.Steps;

/// <summary>Makes the floppy of <see cref="FloppyConfig"/>, where there is anything for it.</summary>
internal sealed class CreateFloppyStep(FloppyConfig config, BuildContext context) : IStep
{
    private const string Medium = "floppy";
    private const string FileName = "floppy.img";

    public string Name => "Create the floppy";

    /// <summary>Full path of the image; null before the step has run, and where there is nothing for a floppy.</summary>
    public string? FloppyPath { get; private set; }

    /// <summary>Checks what attributes cannot say.</summary>
    public static void Validate(FloppyConfig config, ConfigValidation validation)
    {
        try
        {
            FatNames.CheckLabel(config.FloppyLabel.ToUpperInvariant());
        }
        catch (ImagingException exception)
        {
            validation.Error(DiagnosticCodes.WrongValue, nameof(FloppyConfig.FloppyLabel), $"'FloppyLabel' is wrong: {exception.Message}");
        }
        MediumFile.ValidateContent(config.FloppyContent, nameof(FloppyConfig.FloppyContent), validation);
    }

    public async Task RunAsync(CancellationToken token)
    {
        if (config.FloppyFiles.Count == 0 && config.FloppyDirs.Count == 0 && config.FloppyContent.Count == 0) return;
        var path = Path.Combine(context.TemporaryDirectory, FileName);
        context.Ui.Say("Creating the floppy");
        // The serial number only has to be the same each time.
        var volume = BinaryPrimitives.ReadUInt32BigEndian(DeterministicGuid.Create($"packer.floppy/{context.Image}").ToByteArray(bigEndian: true));
        var options = new FloppyOptions { VolumeId = volume, Label = config.FloppyLabel.ToUpperInvariant() };
        await MediumFile.WriteAsync(Medium, path, Fill, tree => FloppyWriter.Create(tree, options), token).ConfigureAwait(false);
        FloppyPath = path;
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (FloppyPath is not null) File.Delete(FloppyPath);
        FloppyPath = null;
        return Task.CompletedTask;
    }

    private void Fill(MediumTree tree)
    {
        tree.AddFlat(config.FloppyFiles);
        tree.AddPaths(config.FloppyDirs);
        tree.AddContent(config.FloppyContent);
    }
}
