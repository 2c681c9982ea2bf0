using Packer.Configuration;
using Packer.Steps;
using Packer.Tests.Configuration;

namespace Packer.Tests.Steps;

/// <summary>A builder's settings with all that a machine can be offered.</summary>
internal sealed record StepSettings
{
    [ConfigSquash]
    public CdConfig Cd { get; init; } = new();

    [ConfigSquash]
    public FloppyConfig Floppy { get; init; } = new();

    [ConfigSquash]
    public HttpConfig Http { get; init; } = new();

    [ConfigSquash]
    public IsoConfig Iso { get; init; } = new();

    /// <summary>Decodes and checks as a builder does; an ISO is added where none is written.</summary>
    public static (StepSettings Config, PrepareResult Result) Prepare(string folder, params (string Key, string Text)[] entries)
    {
        var layers = new List<ConfigLayer> { Decoding.Item(entries) };
        if (!entries.Any(entry => entry.Key.StartsWith("Iso", StringComparison.Ordinal)))
            layers.Insert(0, Decoding.Layer(ConfigLayerKind.Defaults, ("iso_url", "x.iso"), ("iso_checksum", new string('0', 64))));
        var result = PrepareContext.FromLayers(new ConfigDecoder(), layers, Decoding.Context(checkInputs: true, directory: folder)).Prepare<StepSettings>((config, validation) =>
        {
            CreateCdStep.Validate(config.Cd, validation);
            CreateFloppyStep.Validate(config.Floppy, validation);
            HttpServerStep.Validate(config.Http, validation);
            DownloadIsoStep.Validate(config.Iso, validation);
        }, out var config);
        return (config, result);
    }

    /// <summary>The settings, which must be right.</summary>
    public static StepSettings Of(string folder, params (string Key, string Text)[] entries)
    {
        var (config, result) = Prepare(folder, entries);
        Assert.IsTrue(result.Succeeded, string.Join('\n', result.Diagnostics.Select(diagnostic => diagnostic.Message)));
        return config;
    }

    /// <summary>The codes and messages of what is wrong.</summary>
    public static string Faults(string folder, params (string Key, string Text)[] entries) =>
        string.Join('\n', Prepare(folder, entries).Result.Diagnostics.Select(diagnostic => $"{diagnostic.Code} {diagnostic.Message}"));
}
