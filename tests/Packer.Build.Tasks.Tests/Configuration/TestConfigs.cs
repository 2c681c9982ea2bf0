using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Configuration.Templates;

namespace Packer.Tests.Configuration;

internal enum DiskInterface
{
    Ide,
    [ConfigName("virtio-scsi")]
    VirtioScsi,
    NvmeDisk,
}

internal sealed record CommunicatorConfig
{
    public string SshUsername { get; init; } = "root";

    public Secret? SshPassword { get; init; }

    [ConfigName("winrm_port")]
    [ConfigRange(1, 65535)]
    public int WinRMPort { get; init; } = 5985;

    [NotPartOfImage]
    public TimeSpan SshTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

internal sealed record DiskConfig
{
    [ConfigRequired]
    public ByteSize Size { get; init; }

    public DiskInterface Interface { get; init; } = DiskInterface.NvmeDisk;

    public string? Label { get; init; }
}

internal sealed record UserConfig
{
    public string Name { get; init; } = "";

    public Secret? Password { get; init; }
}

internal sealed record MachineConfig
{
    [ConfigRequired]
    public string IsoUrl { get; init; } = "";

    [ConfigDeprecated("ram_size", "mem")]
    [ConfigRange(16, 1048576)]
    public int Memory { get; init; } = 512;

    public bool Headless { get; init; } = true;

    public bool? Accelerated { get; init; }

    public double Ratio { get; init; }

    public long Serial { get; init; }

    public byte Small { get; init; }

    public ulong Large { get; init; }

    public TimeSpan BootWait { get; init; } = TimeSpan.FromSeconds(10);

    [ConfigRange("1M", "2T")]
    public ByteSize DiskSize { get; init; } = ByteSize.Parse("40G");

    public DiskInterface DiskInterface { get; init; }

    public Uri? Proxy { get; init; }

    [ConfigChoice("bios", "uefi")]
    public string Firmware { get; init; } = "bios";

    [RenderLate("HTTPIP", "HTTPPort")]
    public IReadOnlyList<string> BootCommand { get; init; } = [];

    public IReadOnlyList<string> Packages { get; init; } = [];

    public List<int> Ports { get; init; } = [];

    public bool?[] Flags { get; init; } = [];

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string> { ["made_by"] = "packer" };

    public Dictionary<string, int> Limits { get; init; } = [];

    public IReadOnlyList<IReadOnlyList<string>> QemuArgs { get; init; } = [];

    public DiskConfig? Disk { get; init; }

    public IReadOnlyList<DiskConfig> Disks { get; init; } = [];

    public IReadOnlyList<UserConfig> Users { get; init; } = [];

    public IReadOnlyDictionary<string, Secret> Tokens { get; init; } = new Dictionary<string, Secret>();

    [InputFile]
    public string? AnswerFile { get; init; }

    [InputFiles]
    public IReadOnlyList<string> Scripts { get; init; } = [];

    [InputDirectory]
    public string? HttpDirectory { get; init; }

    [ConfigPath]
    public string LogFile { get; init; } = "logs/build.log";

    [NotPartOfImage]
    public bool PackerDebug { get; init; }

    [ConfigSquash]
    public CommunicatorConfig Communicator { get; init; } = new();
}

/// <summary>Shortens the tests of the decoder.</summary>
internal static class Decoding
{
    public static readonly string Directory = OperatingSystem.IsWindows() ? @"C:\project" : "/project";

    public static string Full(string relative) => Path.GetFullPath(relative, Directory);

    public static TemplateEnvironment Environment(TemplateRunValues? run = null) => new()
    {
        BuildName = "web",
        BuildType = "qemu",
        ProjectDirectory = Directory,
        PackerVersion = "0.1.0",
        UserVariables = new Dictionary<string, string> { ["memory"] = "2048", ["braces"] = "a{{b" },
        GetEnvironmentVariable = name => name == "MIRROR" ? "mirror.example" : null,
        Run = run,
    };

    public static DecodeContext Context(
        TemplateRunValues? run = null, bool checkInputs = false, string? directory = null, Func<ConfigOrigin, SourceLocation?>? locate = null, bool complete = false) => new()
        {
            Owner = "image 'web'",
            ProjectDirectory = directory ?? Directory,
            Templates = new TemplateEngine(TemplateFunctions.Standard(Environment(run))),
            CheckInputs = checkInputs,
            Locate = locate,
            TemplatesMustBeComplete = complete,
            TemplateData = new Dictionary<string, string> { ["Name"] = "web" },
            GetEnvironmentVariable = name => name == "PASSWORD" ? "hunter2" : null,
        };

    public static TemplateRunValues Run => new()
    {
        StartTime = new DateTimeOffset(2024, 3, 9, 17, 4, 5, TimeSpan.Zero),
        BuildData = key => key == "Host" ? "10.0.0.7" : null,
        Artifact = name => "/images/" + name,
    };

    public static ConfigLayer Item(params (string Key, string Text)[] entries) => Layer(ConfigLayerKind.Item, entries);

    public static ConfigLayer Layer(ConfigLayerKind kind, params (string Key, string Text)[] entries)
    {
        var layer = new ConfigLayer(kind);
        foreach (var (key, text) in entries)
        {
            layer.Add(key, ConfigText.FromEscaped(text));
        }

        return layer;
    }

    public static ConfigLayer File(string json)
    {
        var layer = new ConfigLayer(ConfigLayerKind.ConfigFile, "web.json");
        foreach (var (key, value) in JsonNode.Parse(json)!.AsObject())
        {
            layer.Add(key, value?.DeepClone());
        }

        return layer;
    }

    /// <summary>A layer that sets what is required.</summary>
    public static ConfigLayer Base => Layer(ConfigLayerKind.Defaults, ("iso_url", "base.iso"));

    public static (MachineConfig Config, DecodeResult Result) Decode(params ConfigLayer[] layers) =>
        new ConfigDecoder().Decode<MachineConfig>([Base, .. layers], Context());

    /// <summary>Decodes what must have no errors.</summary>
    public static MachineConfig Config(params ConfigLayer[] layers)
    {
        var (config, result) = Decode(layers);
        Assert.IsFalse(result.HasErrors, Messages(result));
        return config;
    }

    /// <summary>Decodes what must have this one error or warning.</summary>
    public static string Message(string code, params ConfigLayer[] layers)
    {
        var (_, result) = Decode(layers);
        Assert.HasCount(1, result.Diagnostics, Messages(result));
        Assert.AreEqual(code, result.Diagnostics[0].Diagnostic.Code);
        return result.Diagnostics[0].Diagnostic.Message;
    }

    public static string Messages(DecodeResult result) => string.Join("\n", result.Diagnostics.Select(item => $"{item.Diagnostic.Code} {item.Diagnostic.Message}"));
}

/// <summary>A directory of its own for a test.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("packer-config-").FullName;

    public string Write(string relative, string text = "")
    {
        var full = System.IO.Path.Combine(Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
