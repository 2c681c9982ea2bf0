namespace Packer.TestPlugin;

/// <summary>Appends the name of the image to a file, and waits for another file where it is told to: tests see which images were built.</summary>
[PackerProvisioner("count")]
public sealed class CountingProvisioner : Provisioner<CountingConfig>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc />
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override async Task ProvisionAsync(CountingConfig config, ProvisionContext context, CancellationToken token)
    {
        var path = Path.Combine(context.Build.ProjectDirectory, "built.txt");
        // One write of a few bytes in append mode is never mixed with another's.
        await using (var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(context.Build.Image + "\n"), token);
        while (config.WaitFor is not null && !File.Exists(config.WaitFor)) await Task.Delay(Pause, token);
    }
}

/// <summary>The settings of the provisioner <c>count</c>.</summary>
public sealed record CountingConfig
{
    /// <summary>Full path of a file to wait for.</summary>
    [NotPartOfImage]
    public string? WaitFor { get; init; }
}
