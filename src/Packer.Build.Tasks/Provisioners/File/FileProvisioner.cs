namespace Packer.Provisioners.File;

/// <summary>Copies files to the machine or from it.</summary>
[PackerProvisioner("file")]
public sealed class FileProvisioner : Provisioner<FileConfig>
{
    /// <inheritdoc />
    protected override void Validate(FileConfig config, ConfigValidation validation)
    {
        var given = (config.Source is null ? 0 : 1) + (config.Sources.Count > 0 ? 1 : 0) + (config.Content is null ? 0 : 1);
        if (given == 0) validation.Error(DiagnosticCodes.RequiredKeyMissing, null, "it has nothing to copy. Set 'Source', 'Sources' or 'Content'.");
        if (given > 1) validation.Error(DiagnosticCodes.ConflictingKeys, null, "more than one of 'Source', 'Sources' and 'Content' is set. Keep one of them.");
        if (config.Content is not null && config.Direction == FileDirection.Download)
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(FileConfig.Content), "'Content' is what goes to the machine, and cannot be downloaded. Set 'Source', or leave out 'Direction'.");
        if (config.Content is not null && config.Destination.EndsWith('/'))
            validation.Error(DiagnosticCodes.WrongValue, nameof(FileConfig.Destination), $"'Destination' is the folder '{config.Destination}', but 'Content' has no file name. Add one to 'Destination'.");
        if (config.Direction == FileDirection.Download) return;
        if (config.Generated)
        {
            validation.AddUnknownInput();
            return;
        }
        foreach (var source in config.AllSources) validation.AddInput(config.Source is null ? nameof(FileConfig.Sources) : nameof(FileConfig.Source), source);
    }

    /// <inheritdoc />
    protected override Task ProvisionAsync(FileConfig config, ProvisionContext context, CancellationToken token)
    {
        var copy = new FileCopy(context);
        return config switch
        {
            { Content: { } content } => copy.UploadTextAsync(content, config.Destination, token),
            { Direction: FileDirection.Upload } => copy.UploadAsync([.. config.AllSources], config.Destination, token),
            _ => copy.DownloadAsync([.. config.AllSources], config.Destination, token),
        };
    }
}
