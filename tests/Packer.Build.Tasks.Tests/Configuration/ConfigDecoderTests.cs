using Packer.Configuration;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class ConfigDecoderTests
{
    [TestMethod]
    public void Defaults_stay_where_nothing_is_written()
    {
        var config = Decoding.Config();
        Assert.AreEqual("base.iso", config.IsoUrl);
        Assert.AreEqual(512, config.Memory);
        Assert.IsNull(config.Accelerated);
        Assert.AreEqual("packer", config.Tags["made_by"]);
        Assert.AreEqual("root", config.Communicator.SshUsername);
        Assert.AreEqual(Decoding.Full("logs/build.log"), config.LogFile);
    }

    [TestMethod]
    [DataRow("IsoUrl")]
    [DataRow("iso_url")]
    [DataRow("isoUrl")]
    [DataRow("ISOUrl")]
    [DataRow("ISO_URL")]
    [DataRow("isourl")]
    public void A_key_may_be_spelt_in_many_ways(string key) => Assert.AreEqual("x", Decoding.Config(Decoding.Item((key, "x"))).IsoUrl);

    [TestMethod]
    public void Later_layers_override_earlier_ones()
    {
        ConfigLayer[] layers =
        [
            Decoding.Layer(ConfigLayerKind.Defaults, ("memory", "100"), ("packages", "a"), ("tags", "a=1;b=1")),
            Decoding.Layer(ConfigLayerKind.ProjectProperty, ("Memory", "200"), ("Packages", "b;c"), ("Tags", "b=2;c=2")),
            Decoding.Item(("Memory", "300"), ("Packages", "d"), ("Tags", "c=3")),
            Decoding.File("""{ "memory": 400, "tags": { "d": "4" } }"""),
            Decoding.Layer(ConfigLayerKind.GlobalProperty, ("Memory", "500")),
        ];
        for (var count = 1; count <= layers.Length; count++)
        {
            Assert.AreEqual(100 * count, Decoding.Config(layers[..count]).Memory);
        }

        var (config, result) = Decoding.Decode(layers);
        CollectionAssert.AreEqual(new[] { "d" }, config.Packages.ToArray());
        Assert.AreEqual("a=1;b=2;c=3;d=4;made_by=packer", string.Join(';', config.Tags.Select(entry => $"{entry.Key}={entry.Value}")));
        Assert.AreEqual(new ConfigOrigin(ConfigLayerKind.GlobalProperty, "PackerMemory"), result.Merged.Find("memory")!.Origin);
        Assert.AreEqual(new ConfigOrigin(ConfigLayerKind.Item, "Packages"), result.Merged.Find("packages")!.Origin);
        CollectionAssert.AreEqual(
            new[] { ConfigLayerKind.Defaults, ConfigLayerKind.Defaults, ConfigLayerKind.ProjectProperty, ConfigLayerKind.Item, ConfigLayerKind.ConfigFile },
            result.Merged.Find("tags")!.Origins.Select(origin => origin.Layer).ToArray());
    }

    [TestMethod]
    public void Nested_records_merge_key_by_key()
    {
        var config = Decoding.Config(
            Decoding.Item(("Disk", """{ "Size": "1G", "Label": "a" }""")),
            Decoding.File("""{ "disk": [ { "interface": "ide" }, { "label": "b" } ] }"""));
        Assert.AreEqual(new DiskConfig { Size = new ByteSize(1 << 30), Interface = DiskInterface.Ide, Label = "b" }, config.Disk);
    }

    [TestMethod]
    public void Empty_text_is_not_set_but_in_a_file_it_is_a_value()
    {
        var config = Decoding.Config(
            Decoding.Layer(ConfigLayerKind.ProjectProperty, ("Memory", "700"), ("SshUsername", "admin"), ("Packages", "a")),
            Decoding.Item(("Memory", ""), ("SshUsername", ""), ("Packages", " ; "), ("Headless", ""), ("BootWait", " \n "), ("Disks", "\n")));
        Assert.AreEqual(700, config.Memory);
        Assert.AreEqual("admin", config.Communicator.SshUsername);
        CollectionAssert.AreEqual(new[] { "a" }, config.Packages.ToArray());
        Assert.IsTrue(config.Headless);
        config = Decoding.Config(
            Decoding.Item(("SshUsername", "admin"), ("Packages", "a"), ("Accelerated", "true")),
            Decoding.File("""{ "ssh_username": "", "packages": "", "headless": "", "serial": "", "boot_wait": null, "accelerated": "" }"""));
        Assert.AreEqual("", config.Communicator.SshUsername);
        Assert.IsEmpty(config.Packages);
        Assert.IsFalse(config.Headless);
        Assert.IsTrue(config.Accelerated);
    }

    [TestMethod]
    [DataRow("1", true)]
    [DataRow("t", true)]
    [DataRow("True", true)]
    [DataRow("TRUE", true)]
    [DataRow(" true ", true)]
    [DataRow("0", false)]
    [DataRow("F", false)]
    [DataRow("false", false)]
    public void Booleans_are_weakly_typed(string text, bool value)
    {
        var config = Decoding.Config(Decoding.Item(("Headless", text), ("Accelerated", text), ("Flags", $"{text};{text}")));
        Assert.AreEqual(value, config.Headless);
        Assert.AreEqual(value, config.Accelerated);
        CollectionAssert.AreEqual(new bool?[] { value, value }, config.Flags);
    }

    [TestMethod]
    [DataRow("42", 42L)]
    [DataRow("-42", -42L)]
    [DataRow("+7", 7L)]
    [DataRow("0x1F", 31L)]
    [DataRow("-0b101", -5L)]
    [DataRow("0o17", 15L)]
    [DataRow("1_000_000", 1_000_000L)]
    [DataRow("0", 0L)]
    [DataRow("9223372036854775807", long.MaxValue)]
    [DataRow("-9223372036854775808", long.MinValue)]
    public void Whole_numbers_are_read(string text, long value) => Assert.AreEqual(value, Decoding.Config(Decoding.Item(("Serial", text))).Serial);

    [TestMethod]
    public void The_greatest_unsigned_number_is_read()
    {
        var config = Decoding.Config(Decoding.Item(("Large", "18446744073709551615"), ("Small", "255"), ("Ratio", "1e-3")));
        Assert.AreEqual(ulong.MaxValue, config.Large);
        Assert.AreEqual(255, config.Small);
        Assert.AreEqual(0.001, config.Ratio);
    }

    [TestMethod]
    public void Json_is_weakly_typed()
    {
        var config = Decoding.Config(Decoding.File("""
            {
              "iso_url": 12.50, "ssh_username": true, "firmware": "uefi", "memory": "0x40", "serial": true, "small": 7.0, "headless": 0, "accelerated": 2,
              "ratio": "0.5", "disk_size": 2097152, "boot_wait": 0, "packages": "one,two", "ports": [ "80", 443, true ], "flags": [ true, "f" ],
              "tags": { "a": 1, "b": false, "c": 1e3 }, "limits": [ { "x": "1" }, { "x": 2, "y": 3.0 } ], "qemu_args": [ [ "-m", 512 ], "-nographic" ],
              "disks": { "size": "1G" }, "users": {}, "disk_interface": "VirtioScsi", "proxy": "http://proxy:3128"
            }
            """));
        Assert.AreEqual("12.5", config.IsoUrl);
        Assert.AreEqual("1", config.Communicator.SshUsername);
        Assert.AreEqual(64, config.Memory);
        Assert.AreEqual(1, config.Serial);
        Assert.AreEqual(7, config.Small);
        Assert.IsFalse(config.Headless);
        Assert.IsTrue(config.Accelerated);
        Assert.AreEqual(0.5, config.Ratio);
        Assert.AreEqual(2097152, config.DiskSize.Bytes);
        Assert.AreEqual(TimeSpan.Zero, config.BootWait);
        CollectionAssert.AreEqual(new[] { "one,two" }, config.Packages.ToArray());
        CollectionAssert.AreEqual(new[] { 80, 443, 1 }, config.Ports);
        CollectionAssert.AreEqual(new bool?[] { true, false }, config.Flags);
        Assert.AreEqual("1 0 1000 packer", string.Join(' ', config.Tags.Values));
        Assert.AreEqual("2 3", string.Join(' ', config.Limits.Values));
        Assert.AreEqual("-m 512|-nographic", string.Join('|', config.QemuArgs.Select(part => string.Join(' ', part))));
        Assert.AreEqual(1 << 30, config.Disks.Single().Size.Bytes);
        Assert.IsEmpty(config.Users);
        Assert.AreEqual(DiskInterface.VirtioScsi, config.DiskInterface);
        Assert.AreEqual("proxy", config.Proxy!.Host);
    }

    [TestMethod]
    [DataRow("VirtioScsi")]
    [DataRow("virtio_scsi")]
    [DataRow("virtio-scsi")]
    [DataRow("virtioScsi")]
    public void Enumerations_go_by_any_spelling(string text) =>
        Assert.AreEqual(DiskInterface.VirtioScsi, Decoding.Config(Decoding.Item(("DiskInterface", text))).DiskInterface);

    [TestMethod]
    public void Lists_and_maps_are_written_in_text()
    {
        var config = Decoding.Config(Decoding.Item(
            ("Packages", "curl; vim%3Bnano ;;"),
            ("Ports", "80;0x50"),
            ("Tags", "a=1=2;b= x %3B ;c="),
            ("Limits", "a=1;b=2"),
            ("Disks", """[ { "Size": "1G" }, { "size": "2G%3B" } ]""".Replace("%3B", "")),
            ("QemuArgs", """[["-m","1%3B2"],["-nographic"]]""")));
        CollectionAssert.AreEqual(new[] { "curl", "vim;nano" }, config.Packages.ToArray());
        CollectionAssert.AreEqual(new[] { 80, 80 }, config.Ports);
        Assert.AreEqual("1=2|x ;||packer", string.Join('|', config.Tags.Values));
        Assert.AreEqual(3, config.Limits.Values.Sum());
        CollectionAssert.AreEqual(new[] { 1L << 30, 2L << 30 }, config.Disks.Select(disk => disk.Size.Bytes).ToArray());
        Assert.AreEqual("1;2", config.QemuArgs[0][1]);
    }

    [TestMethod]
    public void Injected_keys_and_the_type_are_never_unknown()
    {
        var injected = new ConfigLayer(ConfigLayerKind.Injected).Add("packer_debug", true).Add("packer_build_name", "web").Add("packer_on_error", "abort");
        var (config, result) = Decoding.Decode(Decoding.Item(("type", "qemu"), ("Type", "qemu")), injected);
        Assert.IsEmpty(result.Diagnostics, Decoding.Messages(result));
        Assert.IsTrue(config.PackerDebug);
        Assert.IsFalse(result.Merged.Find("packer_debug")!.PartOfImage);
        Assert.IsNull(result.Merged.Find("packer_build_name"));
    }

    [TestMethod]
    public void Templates_are_rendered_once()
    {
        var (config, result) = Decoding.Decode(Decoding.Item(
            ("IsoUrl", "http://{{ env `MIRROR` }}/{{ .Name }}-{{ user `braces` }}.iso"),
            ("Memory", "{{ user `memory` }}"),
            ("Packages", "{{ build_name }};{{ env `NOTHING` }}"),
            ("Tags", "{{ build_type }}={{ build `Host` }}"),
            ("Serial", "{{ build `Port` }}"),
            ("SshUsername", "{{ env `NOTHING` }}"),
            ("BootCommand", "http://{{ .HTTPIP }}/{{ artifact `base` }}<enter>"),
            ("AnswerFile", "{{ artifact `tool.raw` }}")));
        Assert.IsEmpty(result.Diagnostics, Decoding.Messages(result));
        Assert.AreEqual("http://mirror.example/web-a{{b.iso", config.IsoUrl);
        Assert.AreEqual(2048, config.Memory);
        CollectionAssert.AreEqual(new[] { "web" }, config.Packages.ToArray());
        Assert.AreEqual("{{ build `Host` }}", config.Tags["qemu"]);
        Assert.AreEqual(0, config.Serial);
        Assert.AreEqual("root", config.Communicator.SshUsername);
        Assert.AreEqual("http://{{ .HTTPIP }}/{{ artifact `base` }}<enter>", config.BootCommand[0]);
        CollectionAssert.AreEqual(new[] { "base", "tool.raw" }, result.ArtifactReferences.ToArray());
        Assert.IsEmpty(result.Inputs);
        Assert.AreEqual("{{ build `Port` }}", (string?)result.Merged.Find("serial")!.Value);
    }

    [TestMethod]
    public void Inputs_are_made_full_and_listed()
    {
        using var directory = new TestDirectory();
        var answers = directory.Write("answers/preseed.cfg");
        var first = directory.Write("setup/10.sh");
        var second = directory.Write("setup/20.sh");
        var deep = directory.Write("setup/more/deep/30.sh");
        var extra = directory.Write("other/extra.sh");
        directory.Write("setup/readme.txt");
        directory.Write("http/index.html");
        var (config, result) = new ConfigDecoder().Decode<MachineConfig>(
            [Decoding.Base, Decoding.Item(("AnswerFile", @"answers\preseed.cfg"), ("Scripts", @"setup\*.sh;./setup/**/3?.sh;other/extra.sh"), ("HttpDirectory", "http/"))],
            Decoding.Context(checkInputs: true, directory: directory.Path));
        Assert.IsEmpty(result.Diagnostics, Decoding.Messages(result));
        Assert.AreEqual(answers, config.AnswerFile);
        CollectionAssert.AreEqual(new[] { first, second, deep, extra }, config.Scripts.ToArray());
        CollectionAssert.AreEqual(
            new[] { (answers, ConfigInputKind.File), (first, ConfigInputKind.File), (second, ConfigInputKind.File), (deep, ConfigInputKind.File), (extra, ConfigInputKind.File), (config.HttpDirectory!, ConfigInputKind.Directory) },
            result.Inputs.Select(input => (input.Path, input.Kind)).ToArray());
        Assert.AreEqual(new ConfigOrigin(ConfigLayerKind.Item, "AnswerFile"), result.Inputs[0].Origin);
        Assert.AreEqual("answers/preseed.cfg", (string?)result.Merged.Find("answer_file")!.Value);
        Assert.AreEqual("""["setup/*.sh","./setup/**/3?.sh","other/extra.sh"]""", result.Merged.Find("scripts")!.Value.ToJsonString());
        Assert.AreEqual(Path.Combine(directory.Path, "logs", "build.log"), config.LogFile);
    }

    [TestMethod]
    public void A_literal_default_is_not_taken_for_a_template()
    {
        var (config, result) = new ConfigDecoder().Decode<BracesConfig>([], Decoding.Context());
        Assert.AreEqual("{{ .Path }}", config.Text);
        Assert.AreEqual("{{ .Path }}", (string?)result.Merged.Find("late")!.Value);
        var (again, _) = new ConfigDecoder().FromMerged<BracesConfig>(result.Merged, result.LiteralSecrets, Decoding.Context());
        Assert.AreEqual(config, again);
    }

    [TestMethod]
    public void An_initializer_gives_a_nested_record_its_own_defaults()
    {
        var layers = new[] { Decoding.Item(("Outer", """{"label":"x"}"""), ("Keys", "one;env:PASSWORD")) };
        var (config, result) = new ConfigDecoder().Decode<NestedConfig>(layers, Decoding.Context());
        Assert.AreEqual(new DiskConfig { Size = new ByteSize(7), Label = "x" }, config.Outer with { Size = new ByteSize(7) });
        Assert.AreEqual("PKR0012", result.Diagnostics[0].Diagnostic.Code);
        Assert.AreEqual("admin", config.Communicator.SshUsername);
        Assert.AreEqual(DiskInterface.Ide, config.Other.Interface);
        Assert.AreEqual("one hunter2", string.Join(' ', config.Keys.Select(key => key.Reveal())));
        CollectionAssert.AreEqual(new[] { "keys/0" }, result.LiteralSecrets.Keys.ToArray());
        Assert.AreEqual("""{"interface":"ide","size":5}""", result.Merged.Find("other")!.Value.ToJsonString());
    }

    [TestMethod]
    public void Mistakes_of_authors_are_named()
    {
        Assert.Contains("has the key 'a_b' twice", Failure<TwiceConfig>());
        Assert.Contains("'Node' of the config", Failure<UntypedConfig>());
        Assert.Contains("needs a public constructor without parameters", Failure<PositionalConfig>());
        Assert.Contains("is the name of another key", Failure<OldNameConfig>());
        Assert.Contains("[NotPartOfImage] has no effect there", Assert.ThrowsExactly<InvalidOperationException>(
            () => new ConfigDecoder().Decode<NestedMarkConfig>([Decoding.Item(("Inner", "{}"))], Decoding.Context())).Message);

        static string Failure<T>()
            where T : class => Assert.ThrowsExactly<InvalidOperationException>(() => new ConfigDecoder().Decode<T>([], Decoding.Context())).Message;
    }

    [TestMethod]
    public void One_decoder_serves_many_threads()
    {
        var decoder = new ConfigDecoder();
        Parallel.For(0, 200, index =>
        {
            var (config, result) = decoder.Decode<MachineConfig>([Decoding.Base, Decoding.Item(("Serial", $"{index}"))], Decoding.Context());
            Assert.IsFalse(result.HasErrors);
            Assert.AreEqual(index, config.Serial);
        });
    }

    internal sealed record BracesConfig
    {
        public string Text { get; init; } = "{{ .Path }}";

        [RenderLate]
        public string Late { get; init; } = "{{ .Path }}";
    }

    internal sealed record NestedConfig
    {
        public DiskConfig Outer { get; init; } = new();

        public DiskConfig Other { get; init; } = new() { Size = new ByteSize(5), Interface = DiskInterface.Ide };

        public IReadOnlyList<Secret> Keys { get; init; } = [];

        [ConfigSquash]
        public CommunicatorConfig Communicator { get; init; } = new() { SshUsername = "admin" };
    }

    internal sealed record NestedMarkConfig
    {
        public CommunicatorConfig? Inner { get; init; }
    }

    internal sealed record TwiceConfig
    {
        public int Ab { get; init; }

        [ConfigName("a_b")]
        public int Other { get; init; }
    }

    internal sealed record UntypedConfig
    {
        public System.Text.Json.Nodes.JsonNode? Node { get; init; }
    }

    internal sealed record PositionalConfig(int A);

    internal sealed record OldNameConfig
    {
        public int A { get; init; }

        [ConfigDeprecated("a")]
        public int B { get; init; }
    }
}
