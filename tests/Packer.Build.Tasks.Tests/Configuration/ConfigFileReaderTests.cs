using System.Text;
using Packer.Configuration;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class ConfigFileReaderTests
{
    private static (ConfigLayer Layer, IReadOnlyList<Diagnostic> Errors) Parse(string json) =>
        ConfigFileReader.Parse(Encoding.UTF8.GetBytes(json), "/project/web.json", "web.json", "image 'web'");

    [TestMethod]
    public void Comments_and_trailing_commas_are_allowed()
    {
        var (layer, errors) = Parse("\uFEFF// first\n{ \"a\": 1, /* x */ \"b\": [ \"c\", ], \"n\": null, \"t\": true, \"f\": false, \"s\": \"\\u00e4\", }");
        Assert.IsEmpty(errors);
        Assert.AreEqual("""a=1 b=["c"] n= t=true f=false s="\u00E4" """.Trim(), string.Join(' ', layer.Entries.Select(entry => $"{entry.Key}={entry.Json?.ToJsonString()}")));
        Assert.AreEqual(new SourceLocation("/project/web.json", 2, 3), layer.Entries[0].Source.Location);
        Assert.AreEqual(ConfigLayerKind.ConfigFile, layer.Kind);
    }

    [TestMethod]
    public void The_schema_of_an_editor_is_no_key()
    {
        var (layer, errors) = Parse("""{ "$schema": "schemas/packer.config.schema.json", "a": 1 }""");
        Assert.IsEmpty(errors);
        Assert.AreEqual("a", layer.Entries.Single().Key);
    }

    [TestMethod]
    [DataRow("{ \"a\": 1,\n  \"b\": { \"c\": 1, \"c\": 2 } }", 2, 18, "The key 'c' stands twice in one object.")]
    [DataRow("{ \"a\": 1,\n\"a\": 2 }", 2, 1, "The key 'a' stands twice in one object.")]
    [DataRow("{\n  \"a\" 1\n}", 2, 7, "'1' is invalid after a property name. Expected a ':'.")]
    [DataRow("[1]", 1, 1, "It must be one object, such as { \"memory\": 2048 }.")]
    [DataRow("null", 1, 1, "It must be one object, such as { \"memory\": 2048 }.")]
    [DataRow("{} {}", 1, 4, "'{' is invalid after a single JSON value. Expected end of data.")]
    public void Defects_are_placed(string json, int line, int column, string message)
    {
        var (layer, errors) = Parse(json);
        Assert.IsEmpty(layer.Entries);
        Assert.AreEqual(
            new Diagnostic("PKR0015", DiagnosticSeverity.Error, $"Image 'web': the ConfigFile 'web.json' is wrong at line {line}, column {column}: {message}", new SourceLocation("/project/web.json", line, column)),
            errors.Single());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("{ \"a\": \"\\ud800\" }")]
    [DataRow("{ \"a\": 01 }")]
    public void What_is_no_json_is_refused(string json)
    {
        var (_, errors) = Parse(json);
        Assert.AreEqual("PKR0015", errors.Single().Code);
        _ = Parse(new string('[', 100_000));
    }

    [TestMethod]
    public void All_keys_that_stand_twice_are_reported() => Assert.HasCount(2, Parse("{\"a\":1,\"a\":2,\"b\":1,\"b\":1}").Errors);

    [TestMethod]
    public void A_missing_file_is_reported()
    {
        using var directory = new TestDirectory();
        var (layer, errors) = ConfigFileReader.Read(Path.Combine(directory.Path, "no.json"), "no.json", "image 'web'");
        Assert.IsEmpty(layer.Entries);
        Assert.AreEqual("PKR0015", errors.Single().Code);
        StringAssert.StartsWith(errors[0].Message, "Image 'web': the ConfigFile 'no.json' cannot be read: ");
        var path = directory.Write("yes.json", """{ "Memory": 64 }""");
        Assert.AreEqual(64, Decoding.Config(ConfigFileReader.Read(path, "yes.json", "image 'web'").Layer).Memory);
    }
}
