using Packer.Configuration.Templates;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class TemplateEngineTests
{
    private static readonly Dictionary<string, string> s_data = new() { ["Name"] = "web", ["Disk.Size"] = "40G" };

    private static TemplateEngine Engine(TemplateRunValues? run = null) => new(TemplateFunctions.Standard(Decoding.Environment(run)));

    [TestMethod]
    [DataRow("plain }} text", "plain }} text")]
    [DataRow("", "")]
    [DataRow("a{{.Name}}b{{ .Disk.Size }}", "awebb40G")]
    [DataRow("{{ `a` }}{{ \"b\\n\\u0041\\x42\\\"\" }}{{ 12 }}{{-3}}", "ab\nAB\"12-3")]
    [DataRow("a {{- `b` -}} c", "abc")]
    [DataRow("a {{- /* gone */ -}} c{{/* }} */}}", "ac")]
    [DataRow("{{ upper `a` | replace_all `A` `b` }}", "b")]
    [DataRow("{{ upper (lower `AbC` | replace `b` `x` 1) }}", "AXC")]
    [DataRow("{{ replace_all build_name `x` `a web` }}", "a x")]
    [DataRow("{{ split `a,b,c` `,` 1 }}", "b")]
    [DataRow("{{ replace `a` `b` -1 `aaa` }}{{ replace `a` `b` 2 `aaa` }}", "bbbbba")]
    [DataRow("{{ build_name }} {{ build_type }} {{ packer_version }}", "web qemu 0.1.0")]
    [DataRow("{{ env `MIRROR` }}{{ env `NOT_SET` }}", "mirror.example")]
    [DataRow("{{ user `memory` }}", "2048")]
    [DataRow("{{ user `braces` }}", "a{{b")]
    [DataRow("{{\n  upper\n  `a`\n}}", "A")]
    [DataRow("{{\"{{\"}} x }}", "{{ x }}")]
    public void Templates_render(string template, string text)
    {
        var rendered = Engine().Render(template, s_data);
        Assert.AreEqual(text, rendered.Text);
        Assert.IsTrue(rendered.IsComplete);
        Assert.AreEqual(text, Engine().Render(rendered.Template, s_data).Text, "the template form renders to the same text");
    }

    [TestMethod]
    public void The_project_directory_has_two_names()
    {
        Assert.AreEqual(Decoding.Directory + Decoding.Directory, Engine().Render("{{ pwd }}{{ template_dir }}", s_data).Text);
    }

    [TestMethod]
    [DataRow("{{ build `Host` }}", "{{ build `Host` }}", "10.0.0.7")]
    [DataRow("a {{- build `Host` -}} b", "a{{ build `Host` }}b", "a10.0.0.7b")]
    [DataRow("{{build `Host`}}", "{{build `Host`}}", "10.0.0.7")]
    [DataRow("{{ .Name }}-{{ isotime `2006` }}", "web-{{ isotime `2006` }}", "web-2024")]
    [DataRow("{{ build `Host` | replace_all `10` (env `MIRROR`) }}", "{{replace_all \"10\" \"mirror.example\" (build \"Host\")}}", "mirror.example.0.0.7")]
    [DataRow("{{ user `braces` }}{{ timestamp }}", "a{{\"{{\"}}b{{ timestamp }}", "a{{b1710003845")]
    [DataRow("{{`{`}}{{ build `Host` }}", "{{\"{\"}}{{ build `Host` }}", "{10.0.0.7")]
    [DataRow("{{`{{{`}}{{ build `Host` }}", "{{\"{{\"}}{{\"{\"}}{{ build `Host` }}", "{{{10.0.0.7")]
    [DataRow("{{ artifact `base.qcow2` }}", "{{ artifact `base.qcow2` }}", "/images/base.qcow2")]
    [DataRow("{{ upper uuid }}x{{ `{` }}{{ `{` }}", "{{ upper uuid }}x{{\"{{\"}}", null)]
    [DataRow("{{ strftime `%Y%%` }}", "{{ strftime `%Y%%` }}", "2024%")]
    public void What_is_not_known_yet_stays(string template, string kept, string? later)
    {
        var rendered = Engine().Render(template, s_data);
        Assert.IsFalse(rendered.IsComplete);
        Assert.AreEqual(kept, rendered.Template);
        Assert.AreEqual(kept, rendered.Text);
        var final = Engine(Decoding.Run).Render(kept, s_data);
        Assert.IsTrue(final.IsComplete);
        if (later is not null)
        {
            Assert.AreEqual(later, final.Text);
        }
    }

    [TestMethod]
    public void Data_of_a_build_may_be_unknown_even_while_building()
    {
        Assert.IsFalse(Engine(Decoding.Run).Render("{{ build `SSHPrivateKey` }}", s_data).IsComplete);
    }

    [TestMethod]
    [DataRow("x{{", 2, "'{{' is not closed; add '}}', or write {{\"{{\"}} for two literal braces")]
    [DataRow("{{ upper |", 4, "the function 'upper' takes 1 argument(s), but here it has 0")]
    [DataRow("{{ `a` | }}", 10, "the expression ends too early")]
    [DataRow("{{}}", 1, "there is nothing between '{{' and '}}'")]
    [DataRow("{{ upper `a`", 1, "'{{' is not closed; add '}}', or write {{\"{{\"}} for two literal braces")]
    [DataRow("{{ lowr `a` }}", 4, "there is no function 'lowr'; did you mean 'lower'?")]
    [DataRow("{{ nonsense }}", 4, "there is no function 'nonsense'")]
    [DataRow("{{ if true }}{{ end }}", 4, "'if' is not supported: a template has only fields and functions here")]
    [DataRow("{{ $x := 1 }}", 4, "variables ('$') are not supported")]
    [DataRow("{{ .Nam }}", 4, "there is no field '.Nam'; did you mean '.Name'?")]
    [DataRow("{{ .Other }}", 4, "there is no field '.Other'; the fields are .Disk.Size, .Name")]
    [DataRow("{{ . }}", 4, "after '.' the name of a field must follow")]
    [DataRow("ab{{ upper }}", 6, "the function 'upper' takes 1 argument(s), but here it has 0")]
    [DataRow("{{ isotime `a` `b` }}", 4, "the function 'isotime' takes 0 to 1 argument(s), but here it has 2")]
    [DataRow("{{ `a` `b` }}", 4, "only a function can be followed by arguments")]
    [DataRow("{{ `a` | `b` }}", 10, "after '|' the name of a function must follow")]
    [DataRow("{{ upper (lower `a` }}", 10, "'(' is not closed; add ')'")]
    [DataRow("{{ `a }}", 4, "the string is not closed; add '`'")]
    [DataRow("{{ \"a }}", 4, "the string is not closed; add '\"'")]
    [DataRow("{{ \"\\q\" }}", 5, "the escape '\\q' in the string is not known; write '\\\\' for a backslash, or use `…`")]
    [DataRow("{{ 1.5 }}", 4, "'1.5' is no whole number")]
    [DataRow("{{ /* a }}", 1, "the comment is not closed; add '*/}}'")]
    [DataRow("{{ upper ; }}", 10, "';' is not expected here")]
    [DataRow("{{ user `memry` }}", 4, "the function 'user' fails: the variable 'memry' is not defined; did you mean 'memory'?")]
    [DataRow("{{ split `a` `,` 1 }}", 4, "the function 'split' fails: there is no part 1; the text has 1 part(s), counted from 0")]
    [DataRow("{{ strftime `%Q` }}", 4, "the function 'strftime' fails: the conversion '%Q' is not known")]
    [DataRow("{{ sed `a` }}", 4, "the function 'sed' fails: it was removed from Packer; use 'replace_all'")]
    [DataRow("{{ vault `a` `b` }}", 4, "the function 'vault' fails: it is not supported; fetch the value before the build and refer to it by 'env:NAME' or 'file:PATH'")]
    public void Errors_say_where_and_what(string template, int column, string message)
    {
        var exception = Assert.ThrowsExactly<TemplateException>(() => Engine().Render(template, s_data));
        Assert.AreEqual(DiagnosticCodes.TemplateError, exception.Code);
        Assert.AreEqual(message, exception.Message);
        Assert.AreEqual(column, exception.Column, exception.Message);
    }

    [TestMethod]
    public void A_deep_expression_is_refused()
    {
        var template = "{{" + string.Concat(Enumerable.Repeat("(", 100_000)) + "}}";
        Assert.AreEqual("the expression is too long", Assert.ThrowsExactly<TemplateException>(() => Engine().Render(template, s_data)).Message);
        template = "{{ `a`" + string.Concat(Enumerable.Repeat("| upper ", 100_000)) + "}}";
        Assert.AreEqual("the expression is too long", Assert.ThrowsExactly<TemplateException>(() => Engine().Render(template, s_data)).Message);
    }

    [TestMethod]
    public void A_late_template_is_only_checked()
    {
        var references = new List<string>();
        Engine().Check("http://{{ .HTTPIP }}:{{ .HTTPPort }}/{{ artifact `base` }}", ["HTTPIP", "HTTPPort"], references);
        CollectionAssert.AreEqual(new[] { "base" }, references);
        Engine().Check("{{ .Anything }}", []);
        var exception = Assert.ThrowsExactly<TemplateException>(() => Engine().Check("{{ upper .HTTPIp }}", ["HTTPIP", "HTTPPort"]));
        Assert.AreEqual("there is no field '.HTTPIp'; did you mean '.HTTPIP'?", exception.Message);
    }

    [TestMethod]
    [DataRow("2006-01-02T15:04:05Z07:00", "2024-03-09T17:04:05Z")]
    [DataRow("Mon Jan _2 15:04:05 2006", "Sat Mar  9 17:04:05 2024")]
    [DataRow("Monday, 02-Jan-06 15:04:05 MST", "Saturday, 09-Mar-24 17:04:05 UTC")]
    [DataRow("3:04PM 1/2", "5:04PM 3/9")]
    [DataRow("03:4:5pm January", "05:4:5pm March")]
    [DataRow("20060102150405.000 -0700", "20240309170405.000 +0000")]
    [DataRow("002 05.999", "069 05")]
    [DataRow("it's 'quoted'", "it's 'quoted'")]
    public void Times_follow_Go_layouts(string layout, string text) => Assert.AreEqual(text, TimeFormats.FormatGo(Decoding.Run.StartTime, layout));

    [TestMethod]
    [DataRow("%Y-%m-%d %H:%M:%S", "2024-03-09 17:04:05")]
    [DataRow("%F %T %D %R", "2024-03-09 17:04:05 03/09/24 17:04")]
    [DataRow("%a %A %b %B %e %j %I %p %y", "Sat Saturday Mar March  9 069 05 PM 24")]
    [DataRow("%s%%%n%t%Z%z", "1710003845%\n\tUTC+0000")]
    public void Times_follow_C_formats(string format, string text) => Assert.AreEqual(text, TimeFormats.FormatC(Decoding.Run.StartTime, format));
}
