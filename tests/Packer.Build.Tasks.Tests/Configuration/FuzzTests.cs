using System.Text;
using Packer.Configuration;
using Packer.Configuration.Templates;

namespace Packer.Tests.Configuration;

/// <summary>Random texts from a fixed seed: nothing but the declared exceptions, and no endless loop.</summary>
[TestClass]
public sealed class FuzzTests
{
    private const int Rounds = 5_000;

    private static readonly string[] s_pieces =
    [
        "{{", "}}", "{", "}", "{{-", " -}}", "-}}", "{{ ", " }}", "/*", "*/", "|", "(", ")", ".", ".Name", "upper", "lower", "build", "replace_all", "isotime", "artifact", "split",
        "`", "\"", "\\", "\\n", "\\u00", " ", "\n", "0", "1", "-1", "1.5", "x", "ä", "\U0001F600", "\ud800", "\0", "$", ",", "%", "=", ";", ":", "%3B", "%2", "+", "-",
        "ms", "s", "h", "ns", "µs", "K", "GiB", "T", "9999999999999999999", "0x", "_", "env:", "file:", "[", "]", "[[", "null", "true", "{\"a\":1}", "//", "**", "*", "?", "/",
    ];

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public void Templates()
    {
        var planning = new TemplateEngine(TemplateFunctions.Standard(Decoding.Environment()));
        var building = new TemplateEngine(TemplateFunctions.Standard(Decoding.Environment(Decoding.Run)));
        var data = new Dictionary<string, string> { ["Name"] = "{{" };
        var complete = 0;
        foreach (var text in Texts(1))
        {
            try
            {
                var rendered = planning.Render(text, data);
                var again = planning.Render(rendered.Template, data);
                Assert.AreEqual(rendered.Text, again.Text, text);
                Assert.AreEqual(rendered.Template, again.Template, text);
                _ = building.Render(rendered.Template, data);
                complete++;
            }
            catch (TemplateException exception)
            {
                Assert.IsTrue(exception.Column >= 1 && exception.Column <= text.Length + 1, text);
            }
        }

        Assert.IsGreaterThan(Rounds / 100, complete);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public void Durations_and_sizes()
    {
        foreach (var text in Texts(2))
        {
            if (DurationFormat.TryParse(text, out var duration) && duration != TimeSpan.MinValue)
            {
                Assert.IsTrue(DurationFormat.TryParse(DurationFormat.Format(duration), out var again), text);
                Assert.AreEqual(duration, again, text);
            }

            if (ByteSize.TryParse(text, out var size))
            {
                Assert.AreEqual(size, ByteSize.Parse(size.ToString()), text);
            }
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public void Lists_maps_patterns_and_names()
    {
        foreach (var text in Texts(3))
        {
            var escaped = ConfigText.FromEscaped(text);
            _ = escaped.Unescape();
            Assert.IsLessThanOrEqualTo(text.Length, escaped.SplitList().Count);
            Assert.HasCount(escaped.SplitList().Count, escaped.SplitMap());
            Assert.AreEqual(text, ConfigText.FromLiteral(text).Unescape());
            Assert.IsTrue(new NamePattern("*").Matches(text));
            _ = new NamePattern(text).Matches("name");
            Assert.AreEqual(KeyName.Fold(text), KeyName.Fold(KeyName.ToSnakeCase(text)));
            _ = Suggestion.Nearest(text, s_pieces);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public void Configs()
    {
        var decoder = new ConfigDecoder();
        string[] keys = ["Memory", "BootWait", "DiskSize", "Tags", "Limits", "Packages", "Ports", "QemuArgs", "Disks", "Users", "Tokens", "SshPassword", "AnswerFile", "BootCommand", "Proxy"];
        var index = 0;
        foreach (var text in Texts(4))
        {
            var context = Decoding.Context();
            var (config, result) = decoder.Decode<MachineConfig>([Decoding.Base, Decoding.Item((keys[index++ % keys.Length], text))], context);
            if (!result.HasErrors)
            {
                var (again, second) = decoder.FromMerged<MachineConfig>(result.Merged, result.LiteralSecrets, context);
                Assert.IsFalse(second.HasErrors, text);
                Assert.AreEqual(config.Memory, again.Memory);
                CollectionAssert.AreEqual(config.Tags.ToArray(), again.Tags.ToArray());
                CollectionAssert.AreEqual(config.Packages.ToArray(), again.Packages.ToArray());
            }

            _ = ConfigFileReader.Parse(Encoding.UTF8.GetBytes("{\"memory\":" + text), "/f", "f", "x");
        }
    }

    private static IEnumerable<string> Texts(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var text = new StringBuilder();
            for (var count = random.Next(1, 12); count > 0; count--)
            {
                text.Append(s_pieces[random.Next(s_pieces.Length)]);
            }

            if (random.Next(4) == 0)
            {
                text.Insert(0, "{{ ").Append(" }}");
            }

            yield return text.ToString();
        }
    }
}
