using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Configuration;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class MergedConfigTests
{
    private static ConfigLayer[] Everything =>
    [
        Decoding.Item(
            ("IsoUrl", "{{ user `braces` }}{{ build `Host` }}"), ("Memory", "0x800"), ("Accelerated", "true"), ("Ratio", "0.1"), ("Serial", "-5"),
            ("BootWait", "00:01:30"), ("DiskSize", "10 GiB"), ("DiskInterface", "nvme-disk"), ("Proxy", "http://proxy/{{ user `braces` }}"), ("Large", "18446744073709551615"),
            ("BootCommand", "{{ .HTTPIP }};<enter>"), ("Packages", "a;{{ user `braces` }}"), ("Ports", "1;{{ build `Port` }}"), ("Flags", "true"),
            ("Tags", "{{ user `braces` }}={{ build `Host` }};b=2"), ("Limits", "a=1"), ("QemuArgs", """[["-m","1"]]"""),
            ("Disk", """{"size":"1G","label":"{{ user `braces` }}"}"""), ("Disks", """[{"size":"{{ build `Size` }}"},{"size":"2G"}]"""),
            ("Users", """[{"name":"a","password":"hunter2"},{"name":"b","password":"env:PASSWORD"}]"""), ("Tokens", "x=sesame{{ user `braces` }};y=file:token"),
            ("AnswerFile", @"a\b.cfg"), ("Scripts", "s.sh"), ("HttpDirectory", "http"), ("SshPassword", "opensesame"), ("SshTimeout", "1h"), ("WinrmPort", "99")),
    ];

    [TestMethod]
    public void A_merged_config_is_decoded_again_from_the_plan()
    {
        var decoder = new ConfigDecoder();
        var (config, result) = decoder.Decode<MachineConfig>(Everything, Decoding.Context());
        Assert.IsFalse(result.HasErrors, Decoding.Messages(result));
        var json = Write(result.Merged.WriteTo);
        var merged = MergedConfig.Read(JsonNode.Parse(json)!.AsObject());
        Assert.AreEqual(json, Write(merged.WriteTo));
        var (again, second) = decoder.FromMerged<MachineConfig>(merged, result.LiteralSecrets, Decoding.Context());
        Assert.IsEmpty(second.Diagnostics, Decoding.Messages(second));
        Assert.AreEqual(Text(config), Text(again));
        CollectionAssert.AreEquivalent(result.LiteralSecrets.ToArray(), second.LiteralSecrets.ToArray());
        CollectionAssert.AreEqual(
            result.Inputs.Select(input => (input.Key, input.Path)).Order().ToArray(), second.Inputs.Select(input => (input.Key, input.Path)).Order().ToArray());

        // While building, the rest becomes known.
        var (last, third) = decoder.FromMerged<MachineConfig>(merged, result.LiteralSecrets, Decoding.Context(new()
        {
            StartTime = default,
            BuildData = key => key switch { "Host" => "h", "Port" => "22", _ => "3G" },
            Artifact = _ => null,
        }, complete: true));
        Assert.IsEmpty(third.Diagnostics, Decoding.Messages(third));
        Assert.AreEqual("a{{bh", last.IsoUrl);
        CollectionAssert.AreEqual(new[] { 1, 22 }, last.Ports);
        Assert.AreEqual("h", last.Tags["a{{b"]);
        Assert.AreEqual(3L << 30, last.Disks[0].Size.Bytes);
        Assert.AreEqual("a{{b", last.Disk!.Label);
        Assert.AreEqual("http://proxy/a{{b", last.Proxy!.OriginalString);
        Assert.AreEqual("{{ .HTTPIP }}", last.BootCommand[0]);
        Assert.AreEqual("hunter2", last.Users[0].Password!.Reveal());
        Assert.AreEqual("hunter2", last.Users[1].Password!.Reveal());
        Assert.AreEqual("sesamea{{b", last.Tokens["x"].Reveal());
        Assert.AreEqual("opensesame", last.Communicator.SshPassword!.Reveal());
    }

    [TestMethod]
    public void The_plan_is_canonical()
    {
        var (_, result) = Decoding.Decode(Everything);
        Assert.AreEqual(2048L, (long)result.Merged.Find("memory")!.Value);
        Assert.AreEqual("1m30s", (string?)result.Merged.Find("boot_wait")!.Value);
        Assert.AreEqual(10L << 30, (long)result.Merged.Find("disk_size")!.Value);
        Assert.AreEqual("nvme_disk", (string?)result.Merged.Find("disk_interface")!.Value);
        Assert.AreEqual("a/b.cfg", (string?)result.Merged.Find("answer_file")!.Value);
        Assert.AreEqual("env:PASSWORD", (string?)result.Merged.Find("users")!.Value[1]!["password"]);
        Assert.AreEqual("""{"interface":"nvme_disk","size":2147483648}""", result.Merged.Find("disks")!.Value[1]!.ToJsonString());
        CollectionAssert.AreEqual(result.Merged.Values.Select(value => value.Key).Order(StringComparer.Ordinal).ToArray(), result.Merged.Values.Select(value => value.Key).ToArray());
        Assert.AreEqual(ConfigLayerKind.Defaults, result.Merged.Find("firmware")!.Origin.Layer);
        Assert.IsNull(result.Merged.Find("no_such_key"));
    }

    [TestMethod]
    public void Spelling_and_layers_do_not_change_the_image()
    {
        var one = Image(Decoding.Item(("Memory", "0x40"), ("BootWait", "90s"), ("Tags", "a=1;b=2"), ("Scripts", @"a\b.sh")));
        var two = Image(
            Decoding.Layer(ConfigLayerKind.ProjectProperty, ("memory", "64"), ("Tags", "b=2")),
            Decoding.File("""{ "BOOT_WAIT": "00:01:30", "tags": { "a": 1 }, "scripts": "a/b.sh", "ssh_timeout": "2h", "packer_debug": true }"""));
        Assert.AreEqual(one, two);
        Assert.AreNotEqual(one, Image(Decoding.Item(("Memory", "65"), ("BootWait", "90s"), ("Tags", "a=1;b=2"), ("Scripts", "a/b.sh"))));
        Assert.DoesNotContain("ssh_timeout", one);
    }

    [TestMethod]
    public void Another_literal_secret_is_the_same_image_and_another_reference_is_not()
    {
        Assert.AreEqual(Image(Decoding.Item(("SshPassword", "one"))), Image(Decoding.Item(("SshPassword", "two"))));
        Assert.AreNotEqual(Image(Decoding.Item(("SshPassword", "env:ONE"))), Image(Decoding.Item(("SshPassword", "env:TWO"))));
    }

    [TestMethod]
    public void Secrets_appear_nowhere()
    {
        var (config, result) = Decoding.Decode(Everything);
        var shown = Write(result.Merged.WriteTo) + Write(result.Merged.WriteImageTo) + config + config.Users[0] + config.Communicator + Text(config) + Decoding.Messages(result) +
            result + Everything[0] + string.Join(' ', Everything[0].Entries) + JsonSerializer.Serialize(config.Users);
        Assert.DoesNotContain("hunter2", shown);
        Assert.DoesNotContain("sesame", shown);
        CollectionAssert.AreEquivalent(new[] { "ssh_password", "users/0/password", "tokens/x" }, result.LiteralSecrets.Keys.ToArray());
        Assert.AreEqual(
            "PKR0016 Image 'web': metadata 'SshPassword' holds a secret itself, so it can be read in the project and in logs, and a change of it makes no image out of date. " +
            "Put it into an environment variable or a file, and write 'env:NAME' or 'file:PATH'.",
            Decoding.Messages(Decoding.Decode(Decoding.Item(("SshPassword", "x"))).Result));
    }

    [TestMethod]
    [DataRow("SshPassword", "{{ hunter2 }}", "PKR0018")]
    [DataRow("SshPassword", "a{{hunter2", "PKR0018")]
    [DataRow("Users", "[{\"password\":\"hunter2\" x}]", "PKR0011")]
    [DataRow("Users", "hunter2", "PKR0011")]
    [DataRow("Users", "[\"hunter2\"]", "PKR0011")]
    [DataRow("Users", "[{\"password\":[\"hunter2\"]}]", "PKR0011")]
    [DataRow("Users", "[{\"pasword\":\"hunter2\"}]", "PKR0010")]
    [DataRow("Tokens", "hunter2", "PKR0011")]
    [DataRow("Tokens", "a={{hunter2", "PKR0018")]
    [DataRow("SshPasword", "hunter2", "PKR0010")]
    public void Errors_hide_secrets(string key, string text, string code) =>
        Assert.DoesNotContain("hunter2", Decoding.Message(code, Decoding.Item((key, text))));

    [TestMethod]
    public void A_wrong_secret_is_explained_without_its_value()
    {
        Assert.AreEqual(
            "Image 'web': metadata 'SshPassword' is no valid template (its value is secret and so not shown). Write {{\"{{\"}} for two literal braces.",
            Decoding.Message("PKR0018", Decoding.Item(("SshPassword", "a{{hunter2"))));
        Assert.AreEqual(
            "Image 'web': metadata 'SshPassword' has a value that is not shown, since it is secret, but must be 'env:NAME' or 'file:PATH'.",
            Decoding.Message("PKR0011", Decoding.Item(("SshPassword", "env:"))));
    }

    [TestMethod]
    public void A_secret_that_is_not_handed_over_is_an_error()
    {
        var (_, result) = Decoding.Decode(Decoding.Item(("SshPassword", "x")));
        var again = new ConfigDecoder().FromMerged(typeof(MachineConfig), result.Merged, new Dictionary<string, string>(), Decoding.Context());
        Assert.AreEqual(
            "PKR0017 Image 'web': metadata 'SshPassword' is a literal secret, which no plan keeps, and it was not handed over. Write 'env:NAME' or 'file:PATH' instead.",
            Decoding.Messages(again));
    }

    [TestMethod]
    [DataRow("""{ "a": 1 }""")]
    [DataRow("""{ "a": { "value": 1 } }""")]
    [DataRow("""{ "a": { "value": 1, "from": [] } }""")]
    [DataRow("""{ "a": { "value": 1, "from": [ { "layer": "moon", "key": "a" } ] } }""")]
    [DataRow("""{ "a": { "value": 1, "from": [ 1 ] } }""")]
    public void A_broken_plan_is_refused(string json) =>
        Assert.ThrowsExactly<FormatException>(() => MergedConfig.Read(JsonNode.Parse(json)!.AsObject()));

    private static string Image(params ConfigLayer[] layers) => Write(Decoding.Decode(layers).Result.Merged.WriteImageTo);

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Text(MachineConfig config) => JsonSerializer.Serialize(config);
}
