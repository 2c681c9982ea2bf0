using Packer.Configuration;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class DecoderMessageTests
{
    [TestMethod]
    [DataRow("Memory", "lots", "metadata 'Memory' is 'lots', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("Memory", "0512", "metadata 'Memory' is '0512', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("memory", "1.5", "metadata 'memory' is '1.5', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("Memory", "99999999999", "metadata 'Memory' is '99999999999', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("Memory", "8", "metadata 'Memory' is '8', but must be from 16 to 1048576.")]
    [DataRow("WinrmPort", "65536", "metadata 'WinrmPort' is '65536', but must be from 1 to 65535.")]
    [DataRow("Small", "256", "metadata 'Small' is '256', but must be a whole number from 0 to 255, without leading zeros.")]
    [DataRow("Headless", "yes", "metadata 'Headless' is 'yes', but must be 'true' or 'false'.")]
    [DataRow("Ratio", "half", "metadata 'Ratio' is 'half', but must be a number such as 0.5.")]
    [DataRow("BootWait", "10", "metadata 'BootWait' is '10', but must be a duration with its unit, such as 1m30s or 00:01:30.")]
    [DataRow("DiskSize", "big", "metadata 'DiskSize' is 'big', but must be a size such as 40G or 512M.")]
    [DataRow("DiskSize", "1K", "metadata 'DiskSize' is '1K', but must be from 1M to 2T.")]
    [DataRow("DiskInterface", "virtio-scs", "metadata 'DiskInterface' is 'virtio-scs', but must be one of 'ide', 'virtio-scsi', 'nvme_disk'. Did you mean 'virtio-scsi'?")]
    [DataRow("DiskInterface", "1", "metadata 'DiskInterface' is '1', but must be one of 'ide', 'virtio-scsi', 'nvme_disk'.")]
    [DataRow("Firmware", "uefy", "metadata 'Firmware' is 'uefy', but must be one of 'bios', 'uefi'. Did you mean 'uefi'?")]
    [DataRow("Firmware", "BIOS", "metadata 'Firmware' is 'BIOS', but must be one of 'bios', 'uefi'. Did you mean 'bios'?")]
    [DataRow("Ports", "80;http", "element 2 of metadata 'Ports' is 'http', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("Tags", "a=1;b", "metadata 'Tags' is 'a=1;b', but must be a map such as key=value;key2=value2.")]
    [DataRow("Limits", "a=x", "'a' of metadata 'Limits' is 'x', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("Disk", "1G", "metadata 'Disk' is '1G', but must be an object in JSON; it is wrong at line 1, column 2: 'G' is an invalid end of a number. Expected a delimiter.")]
    [DataRow("Disk", "[1]", "metadata 'Disk' is '[1]', but must be an object in JSON.")]
    public void Wrong_values_are_explained(string key, string text, string message) =>
        Assert.AreEqual("Image 'web': " + message, Decoding.Message(DiagnosticCodes.WrongValue, Decoding.Item((key, text))));

    [TestMethod]
    [DataRow("""{ "memory": 1.5 }""", "key 'memory' of 'web.json' is '1.5', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("""{ "memory": [1] }""", "key 'memory' of 'web.json' is '[1]', but must be a whole number from -2147483648 to 2147483647, without leading zeros.")]
    [DataRow("""{ "iso_url": {} }""", "key 'iso_url' of 'web.json' is '{}', but must be a text.")]
    [DataRow("""{ "boot_wait": 5 }""", "key 'boot_wait' of 'web.json' is '5', but must be a duration with its unit, such as 1m30s or 00:01:30.")]
    [DataRow("""{ "boot_wait": "" }""", "key 'boot_wait' of 'web.json' is '', but must be a duration with its unit, such as 1m30s or 00:01:30.")]
    [DataRow("""{ "disk_interface": 1 }""", "key 'disk_interface' of 'web.json' is '1', but must be one of 'ide', 'virtio-scsi', 'nvme_disk'.")]
    [DataRow("""{ "packages": ["a", null] }""", "element 2 of key 'packages' of 'web.json' is 'null', but must be a text.")]
    [DataRow("""{ "tags": 5 }""", "key 'tags' of 'web.json' is '5', but must be a map such as key=value;key2=value2.")]
    [DataRow("""{ "disks": [ { "size": "1G", "interface": "scsy" } ] }""", "'interface' of element 1 of key 'disks' of 'web.json' is 'scsy', but must be one of 'ide', 'virtio-scsi', 'nvme_disk'.")]
    public void Wrong_values_of_a_file_are_explained(string json, string message) =>
        Assert.AreEqual("Image 'web': " + message, Decoding.Message(DiagnosticCodes.WrongValue, Decoding.File(json)));

    [TestMethod]
    [DataRow("IsoUlr", "metadata 'IsoUlr' is not known. Did you mean 'IsoUrl'?")]
    [DataRow("iso_ulr", "metadata 'iso_ulr' is not known. Did you mean 'iso_url'?")]
    [DataRow("isoUlr", "metadata 'isoUlr' is not known. Did you mean 'isoUrl'?")]
    [DataRow("SshPasswrod", "metadata 'SshPasswrod' is not known. Did you mean 'SshPassword'?")]
    [DataRow("Nonsense", "metadata 'Nonsense' is not known. Correct or remove it.")]
    public void Unknown_keys_name_the_nearest_and_hide_the_value(string key, string message) =>
        Assert.AreEqual("Image 'web': " + message, Decoding.Message(DiagnosticCodes.UnknownKey, Decoding.Item((key, "hunter2"))));

    [TestMethod]
    public void Unknown_properties_are_left_to_the_caller()
    {
        var (_, result) = Decoding.Decode(
            Decoding.Layer(ConfigLayerKind.ProjectProperty, ("Mmory", "1")), Decoding.Layer(ConfigLayerKind.GlobalProperty, ("Zone", "x"), ("Memory", "64")));
        Assert.IsEmpty(result.Diagnostics);
        CollectionAssert.AreEqual(
            new[] { new ConfigOrigin(ConfigLayerKind.ProjectProperty, "PackerMmory"), new ConfigOrigin(ConfigLayerKind.GlobalProperty, "PackerZone") },
            result.UnknownProperties.ToArray());
    }

    [TestMethod]
    public void The_layer_is_named()
    {
        Assert.Contains("property 'PackerMemory' is 'x'", Decoding.Message("PKR0011", Decoding.Layer(ConfigLayerKind.ProjectProperty, ("Memory", "x"))));
        Assert.Contains("command-line property 'PackerMemory' is 'x'", Decoding.Message("PKR0011", Decoding.Layer(ConfigLayerKind.GlobalProperty, ("Memory", "x"))));
        Assert.Contains("builder default 'memory' is 'x'", Decoding.Message("PKR0011", Decoding.Layer(ConfigLayerKind.Defaults, ("memory", "x"))));
    }

    [TestMethod]
    public void Required_keys_are_asked_for()
    {
        var (_, result) = new ConfigDecoder().Decode<MachineConfig>([Decoding.Item(("IsoUrl", ""))], Decoding.Context());
        Assert.AreEqual(
            "PKR0012 Image 'web': the required key 'IsoUrl' is not set. Set it on the item, or as 'iso_url' in its ConfigFile.", Decoding.Messages(result));
        (_, result) = new ConfigDecoder().Decode<MachineConfig>([Decoding.File("""{ "iso_url": "" }""")], Decoding.Context());
        Assert.AreEqual(DiagnosticCodes.RequiredKeyMissing, result.Diagnostics.Single().Diagnostic.Code);
        Assert.AreEqual(
            "Image 'web': element 2 of metadata 'Disks' lacks the required key 'size'. Add it.",
            Decoding.Message("PKR0012", Decoding.Item(("Disks", """[{"size":"1G"},{"label":"x"}]"""))));
    }

    [TestMethod]
    public void Deprecated_keys_warn_and_work()
    {
        var (config, result) = Decoding.Decode(Decoding.Item(("RamSize", "64")));
        Assert.AreEqual(64, config.Memory);
        Assert.IsFalse(result.HasErrors);
        Assert.AreEqual("PKR0013 Image 'web': metadata 'RamSize' is deprecated. Write 'Memory' instead.", Decoding.Messages(result));
        Assert.Contains("Write 'memory' instead", Decoding.Message("PKR0013", Decoding.File("""{ "ram_size": 64 }""")));
    }

    [TestMethod]
    public void One_key_may_not_stand_twice_in_a_layer()
    {
        Assert.AreEqual(
            "Image 'web': metadata 'iso_url' and 'IsoUrl' are one and the same key, 'iso_url'. Keep one of the two.",
            Decoding.Message("PKR0014", Decoding.Item(("IsoUrl", "a"), ("iso_url", "b"))));
        Assert.AreEqual(
            "Image 'web': metadata 'Tags' has the entry 'a' twice. Keep one of the two.", Decoding.Message("PKR0014", Decoding.Item(("Tags", "a=1;b=2;a=3"))));
        var (_, result) = Decoding.Decode(Decoding.Item(("Memory", "64"), ("Mem", "65")));
        Assert.AreEqual(
            "PKR0013 Image 'web': metadata 'Mem' is deprecated. Write 'Memory' instead.\n" +
            "PKR0014 Image 'web': metadata 'Mem' and 'Memory' are one and the same key, 'memory'. Keep one of the two.",
            Decoding.Messages(result));
        Assert.AreEqual(
            "Image 'web': 'Label' of metadata 'Disk' and 'label' are one and the same key, 'label'. Keep one of the two.",
            Decoding.Message("PKR0014", Decoding.Item(("Disk", """{"size":"1G","label":"a","Label":"b"}"""))));
    }

    [TestMethod]
    public void Template_errors_give_the_column()
    {
        Assert.AreEqual(
            "Image 'web': metadata 'IsoUrl' is 'a{{ lowr `x` }}', which is wrong at column 5: there is no function 'lowr'; did you mean 'lower'?",
            Decoding.Message("PKR0018", Decoding.Item(("IsoUrl", "a{{ lowr `x` }}"))));
        Assert.AreEqual(
            "Image 'web': element 2 of metadata 'BootCommand' is '{{ .HTTPIp }}', which is wrong at column 4: there is no field '.HTTPIp'; did you mean '.HTTPIP'?",
            Decoding.Message("PKR0018", Decoding.Item(("BootCommand", "a;{{ .HTTPIp }}"))));
        Assert.AreEqual(
            "Image 'web': metadata 'IsoUrl' is '{{ x', which is wrong at column 4: there is no function 'x'.",
            Decoding.Message("PKR0018", Decoding.Item(("IsoUrl", "{{ x"))));
    }

    [TestMethod]
    public void A_template_must_be_complete_where_the_value_is_needed()
    {
        var (_, result) = new ConfigDecoder().Decode<MachineConfig>(
            [Decoding.Item(("IsoUrl", "{{ build `Id` }}"))], Decoding.Context(Decoding.Run, complete: true));
        Assert.AreEqual(
            "PKR0018 Image 'web': metadata 'IsoUrl' is '{{ build `Id` }}', which asks for something that is not known yet when the value is needed. Use another function or a fixed value.",
            result.Diagnostics[0].Diagnostic.Code + " " + result.Diagnostics[0].Diagnostic.Message);
    }

    [TestMethod]
    public void Missing_inputs_are_named()
    {
        using var directory = new TestDirectory();
        var (_, result) = new ConfigDecoder().Decode<MachineConfig>(
            [Decoding.Base, Decoding.Item(("AnswerFile", "a.cfg"), ("Scripts", "*.sh;b.sh"), ("HttpDirectory", "http"))],
            Decoding.Context(checkInputs: true, directory: directory.Path));
        string Full(string name) => Path.Combine(directory.Path, name);
        Assert.AreEqual(
            $"""
            PKR0019 Image 'web': metadata 'AnswerFile' is 'a.cfg', but there is no file '{Full("a.cfg")}'. Correct the path: it is relative to the project directory.
            PKR0019 Image 'web': element 1 of metadata 'Scripts' is '*.sh', which matches no file. Correct the pattern: it is relative to the project directory.
            PKR0019 Image 'web': element 2 of metadata 'Scripts' is 'b.sh', but there is no file '{Full("b.sh")}'. Correct the path: it is relative to the project directory.
            PKR0019 Image 'web': metadata 'HttpDirectory' is 'http', but there is no directory '{Full("http")}'. Correct the path: it is relative to the project directory.
            """.ReplaceLineEndings("\n"),
            Decoding.Messages(result));
    }

    [TestMethod]
    public void All_errors_come_at_once_with_their_places()
    {
        var place = new SourceLocation("/project/web.csproj", 7, 5);
        var layers = new[]
        {
            Decoding.Item(("Memory", "x"), ("Headless", "y"), ("Foo", "1"), ("Disks", """[{"size":"q"},{"sise":"1G"}]"""), ("Ports", "a;b")),
            ConfigFileReader.Parse("{\n  \"ratio\": [],\n  \"bar\": 1\n}"u8, "/project/web.json", "web.json", "image 'web'").Layer,
        };
        var (_, result) = new ConfigDecoder().Decode<MachineConfig>(layers, Decoding.Context(locate: origin => origin.Key == "Memory" ? place : null));
        Assert.AreEqual(
            "PKR0010 Foo|PKR0010 bar|PKR0012 |PKR0011 Memory|PKR0011 Headless|PKR0011 ratio|PKR0011 Ports|PKR0011 Ports|PKR0011 Disks|PKR0010 Disks|PKR0012 Disks",
            string.Join('|', result.Diagnostics.Select(item => $"{item.Diagnostic.Code} {item.Origin?.Key}")));
        Assert.AreSame(place, result.Diagnostics[3].Diagnostic.Location);
        Assert.AreEqual(new SourceLocation("/project/web.json", 3, 3), result.Diagnostics[1].Diagnostic.Location);
        Assert.AreEqual(new SourceLocation("/project/web.json", 2, 3), result.Diagnostics[5].Diagnostic.Location);
        Assert.IsNull(result.Diagnostics[4].Diagnostic.Location);
    }

    [TestMethod]
    public void Long_values_are_cut()
    {
        var message = Decoding.Message("PKR0011", Decoding.Item(("Memory", new string('x', 5000))));
        Assert.IsLessThan(400, message.Length);
        Assert.Contains("x…'", message);
    }

    [TestMethod]
    public void Every_code_is_explained()
    {
        var codes = typeof(DiagnosticCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToArray();
        CollectionAssert.AreEquivalent(codes, DiagnosticCatalogue.Entries.Select(entry => entry.Code).ToArray());
        CollectionAssert.AllItemsAreUnique(codes);
        CollectionAssert.AreEqual(codes.Order(StringComparer.Ordinal).ToArray(), DiagnosticCatalogue.Entries.Select(entry => entry.Code).ToArray());
        foreach (var entry in DiagnosticCatalogue.Entries)
        {
            Assert.HasCount(7, entry.Code);
            Assert.IsTrue(entry.Cause.EndsWith('.') && entry.Action.EndsWith('.') && !entry.Title.EndsWith('.'), entry.Code);
        }
    }
}
