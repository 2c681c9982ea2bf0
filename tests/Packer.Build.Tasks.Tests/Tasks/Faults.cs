namespace Packer.Tests.Tasks;

/// <summary>A project with faults in it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Expected">The errors and warnings, each as <c>error PKR0011 app.csproj(2)</c>, separated by <c>, </c>.</param>
/// <param name="Body">The project; it begins in line 2.</param>
internal sealed record Fault(string Name, string Expected, string Body)
{
    /// <summary>Properties of the command line.</summary>
    public IReadOnlyDictionary<string, string>? GlobalProperties { get; init; }

    /// <summary>Files beside the project, by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public override string ToString() => Name;
}

/// <summary>What can be wrong in a project, each with the one message that it must give. The texts of the messages are in <c>faults.txt</c>.</summary>
internal static class Faults
{
    private const string Typed = """<PackerPlugin Include="$(TestPlugin)" />""";

    private static string Image(string metadata, string builder = "typed") => $"{Typed}\n<PackerImage Include=\"a\" Builder=\"{builder}\" {metadata} />";

    private static string Step(string step) => $"{Typed}\n<PackerImage Include=\"a\" Builder=\"null\" />\n{step}";

    public static IEnumerable<Fault> All =>
    [
        // Values
        new("whole number is a word", "error PKR0011 app.csproj(3)", Image("""Count="many" """)),
        new("whole number has a fraction", "error PKR0011 app.csproj(3)", Image("""Count="1.5" """)),
        new("whole number out of range", "error PKR0011 app.csproj(3)", Image("""Count="99" """)),
        new("boolean is a word", "error PKR0011 app.csproj(3)", Image("""Enabled="maybe" """)),
        new("duration without a unit", "error PKR0011 app.csproj(3)", Image("""Wait="5" """)),
        new("size is a word", "error PKR0011 app.csproj(3)", Image("""DiskSize="big" """)),
        new("enumeration misspelt", "error PKR0011 app.csproj(3)", Image("""Mode="thorogh" """)),
        new("element of a list", "error PKR0011 app.csproj(3)", Image("""Ports="80;http;443" """)),
        new("map without values", "error PKR0011 app.csproj(3)", Image("""Tags="novalue" """)),
        new("choice misspelt", "error PKR0011 app.csproj(4)", Step("""<PackerPostProcessor Include="checksum" Types="sha257" />""")),
        new("format of a compression", "error PKR0520 app.csproj(4)", Step("""<PackerPostProcessor Include="compress" OutputFile="a.rar" />""")),
        new("level of a compression", "error PKR0011 app.csproj(4)", Step("""<PackerPostProcessor Include="compress" Format="tar.xz" CompressionLevel="10" />""")),
        new("child element has the line of its own", "error PKR0011 app.csproj(5)", $"{Typed}\n<PackerImage Include=\"a\" Builder=\"typed\">\n<Note>x</Note>\n<Count>many</Count>\n</PackerImage>"),
        new("three faults of one image are three errors", "error PKR0010 app.csproj(3), error PKR0011 app.csproj(3), error PKR0011 app.csproj(3)", Image("""Count="many" Wait="5" Nosuch="x" """)),
        new("faults of two images and a step at once", "error PKR0011 app.csproj(3), error PKR0011 app.csproj(4), error PKR0010 app.csproj(5)",
            $"{Typed}\n<PackerImage Include=\"a\" Builder=\"typed\" Count=\"x\" />\n<PackerImage Include=\"b\" Builder=\"typed\" Count=\"y\" />\n<PackerPostProcessor Include=\"checksum\" Images=\"b\" Kinds=\"md5\" />"),
        new("port to run with is none", "error PKR0011 app.csproj(2)", """<PackerImage Include="a" Builder="file" RunPorts="8080;http" />"""),
        new("question of a test is no path", "error PKR0011 app.csproj(2)", """<PackerImage Include="a" Builder="file" TestHttp="health" />"""),
        new("time of a test without a unit", "error PKR0011 app.csproj(2)", """<PackerImage Include="a" Builder="file" TestTimeout="60" />"""),
        new("firmware that there is not", "error PKR0011 app.csproj(2)", """<PackerImage Include="a" Builder="file" RunFirmware="efi" />"""),
        new("test of an image without files", "error PKR0111 app.csproj(2)", """<PackerImage Include="a" Builder="null" TestHttp="/" />"""),

        // Keys
        new("key of an image misspelt", "error PKR0010 app.csproj(3)", Image("""DskSize="1M" """)),
        new("key of an image unknown", "error PKR0010 app.csproj(3)", Image("""Zebra="1M" """)),
        new("key of a provisioner misspelt", "error PKR0010 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" TempfileExtention=".sh" />""")),
        new("key of a post-processor misspelt", "error PKR0010 app.csproj(4)", Step("""<PackerPostProcessor Include="manifest" StripPaht="true" />""")),
        new("option of a provisioner", "error PKR0011 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Timeout="5" />""")),
        new("option of a provisioner out of range", "error PKR0011 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" MaxRetries="-1" />""")),
        new("option of a post-processor", "error PKR0011 app.csproj(4)", Step("""<PackerPostProcessor Include="manifest" KeepInputArtifact="perhaps" />""")),
        new("required key missing", "error PKR0012 app.csproj(3)", Image("", "teller")),
        new("nothing to run", "error PKR0012 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" />""")),
        new("deprecated key", "warning PKR0013 app.csproj(3)", Image("""Remark="x" """)),
        new("two keys that exclude each other", "error PKR0014 app.csproj(2)", """<PackerImage Include="a" Builder="file" Source="app.csproj" Content="x" />"""),
        new("two ways to run", "error PKR0014 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Script="app.csproj" />""")),
        new("one key under two names", "error PKR0014 app.csproj(4)", Step("""<PackerPostProcessor Include="checksum" Types="md5" ChecksumTypes="md5" />""")),
        new("variable without a value", "error PKR0011 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" EnvironmentVars="NAME" />""")),
        new("content that there is not", "error PKR0011 app.csproj(3)", Image("""Content="app!" """, "content")),
        new("property of the command line that no component has", "warning PKR0022 app.csproj(0)", Image("")) { GlobalProperties = new Dictionary<string, string> { ["PackerNote"] = "x", ["PackerMemroy"] = "1" } },
        new("properties of the SDK are no keys", "", Image("")) { GlobalProperties = new Dictionary<string, string> { ["PackerRuntimeIdentifiers"] = "linux-arm64", ["PackerTargetFramework"] = "net10.0", ["PackerForce"] = "true" } },
        new("property of the project with a wrong value", "error PKR0011 app.csproj(4)", Image("") + "\n<PropertyGroup><PackerCount>many</PackerCount></PropertyGroup>"),
        new("property of the command line with a wrong value", "error PKR0011 app.csproj(3)", Image("")) { GlobalProperties = new Dictionary<string, string> { ["PackerCount"] = "many" } },
        new("provisioner for an image that has none", "warning PKR0023 app.csproj(3)", """<PackerImage Include="a" Builder="file" />""" + "\n" + """<PackerProvisioner Include="shell-local" Images="a" Inline="true" />"""),

        new("two clean-up provisioners", "error PKR0410 app.csproj(5)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Cleanup="true" />""" + "\n" + """<PackerProvisioner Include="shell-local" Inline="true" Images="a" Cleanup="true" />""")),
        new("clean-up that is neither true nor false", "error PKR0011 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Cleanup="after" />""")),
        new("override is no json", "error PKR0411 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override="a=b" />""")),
        new("override is no object", "error PKR0411 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override="[1]" />""")),
        new("override for an image that there is not", "error PKR0411 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override='{ "b": { "inline": "false" } }' />""")),
        new("override without keys", "error PKR0411 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override='{ "a": 1 }' />""")),
        new("override with an unknown key", "error PKR0010 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override='{ "a": { "inlin": "false" } }' />""")),
        new("override with a wrong value", "error PKR0011 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Override='{ "a": { "valid_exit_codes": "none" } }' />""")),
        new("clean-up needs a connection", "error PKR0301 app.csproj(3)", Step("""<PackerProvisioner Include="shell-local" Inline="true" />""" + "\n" + """<PackerProvisioner Include="shell" Inline="true" Cleanup="true" />""")),

        // Files
        new("input file missing", "error PKR0019 app.csproj(2)", """<PackerImage Include="a" Builder="file" Source="nothing.txt" />"""),
        new("script missing", "error PKR0019 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Script="nothing.sh" />""")),
        new("pattern without files", "error PKR0019 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Scripts="setup/*.sh" />""")),
        new("config file missing", "error PKR0015 app.csproj(3)", Image("""ConfigFile="nothing.json" """)),
        new("config file is no json", "error PKR0015 a.json(3)", Image("""ConfigFile="a.json" """)) { Files = Json("{\n  \"count\": 2,\n  \"mode\" \"fast\"\n}") },
        new("config file is no object", "error PKR0015 a.json(1)", Image("""ConfigFile="a.json" """)) { Files = Json("[1, 2]") },
        new("config file with a key twice", "error PKR0015 a.json(3)", Image("""ConfigFile="a.json" """)) { Files = Json("{\n  \"count\": 2,\n  \"count\": 3\n}") },
        new("config file with a wrong value", "error PKR0011 a.json(2)", Image("""ConfigFile="a.json" """)) { Files = Json("{\n  \"count\": \"many\"\n}") },
        new("config file with a misspelt choice", "error PKR0011 a.json(2)", Image("""ConfigFile="a.json" """)) { Files = Json("{\n  \"mode\": \"thorogh\"\n}") },
        new("config file with an unknown key", "error PKR0010 a.json(3)", Image("""ConfigFile="a.json" """)) { Files = Json("{\n  \"count\": 2,\n  \"cuont\": 3\n}") },
        new("target outside the image", "error PKR1001 app.csproj(2)", """<PackerImage Include="a" Builder="file" Content="x" TargetFile="../../a" />"""),

        // Names
        new("two images with one name", "error PKR0002 app.csproj(3)", File("a") + "\n" + File("a")),
        new("two images with one name but for case", "error PKR0002 app.csproj(3)", File("web") + "\n" + File("WEB")),
        new("name with a slash", "error PKR0003 app.csproj(2)", File("a/b")),
        new("name with a blank", "error PKR0003 app.csproj(2)", File("a b")),
        new("name that leads upwards", "error PKR0003 app.csproj(2)", File("..")),
        new("name with a reserved ending", "error PKR0003 app.csproj(2)", File("web.partial")),
        new("unknown builder", "error PKR0004 app.csproj(2)", """<PackerImage Include="a" Builder="fiel" />"""),
        new("unknown provisioner", "error PKR0020 app.csproj(4)", Step("""<PackerProvisioner Include="shell-locl" />""")),
        new("unknown post-processor", "error PKR0021 app.csproj(4)", Step("""<PackerPostProcessor Include="chksum" />""")),
        new("unknown step for images that there are not", "error PKR0020 app.csproj(4), error PKR0008 app.csproj(4)", Step("""<PackerProvisioner Include="zzz" Images="b" />""")),
        new("circle of two", "error PKR0006 app.csproj(2)", File("a", """DependsOn="b" """) + "\n" + File("b", """DependsOn="a" """)),
        new("image that depends on itself", "error PKR0006 app.csproj(2)", File("a", """DependsOn="a" """)),
        new("unknown dependency", "error PKR0007 app.csproj(2)", File("web", """DependsOn="bsae" """) + "\n" + File("base")),
        new("PackerOnly matches nothing", "error PKR0008 app.csproj(3)", File("web") + "\n<PropertyGroup><PackerOnly>wbe;web</PackerOnly></PropertyGroup>"),
        new("PackerExcept matches nothing", "error PKR0008 app.csproj(3)", File("web") + "\n<PropertyGroup><PackerExcept>db-*</PackerExcept></PropertyGroup>"),
        new("Images matches nothing", "error PKR0008 app.csproj(4)", Step("""<PackerProvisioner Include="shell-local" Inline="true" Images="b*" />""")),
        new("Except matches nothing", "error PKR0008 app.csproj(4)", Step("""<PackerPostProcessor Include="manifest" Except="b" />""")),

        // Output folders
        new("two images with one output folder", "error PKR0009 app.csproj(3)", File("a", """OutputDirectory="here" """) + "\n" + File("b", """OutputDirectory="here/" """)),
        new("output folder inside that of another image", "error PKR0009 app.csproj(3)", File("a", """OutputDirectory="here" """) + "\n" + File("b", """OutputDirectory="here/b" """)),
        new("output folder is the project's", "error PKR0027 app.csproj(2)", File("a", """OutputDirectory="." """)),
        new("output folder is above the project's", "error PKR0027 app.csproj(2)", File("a", """OutputDirectory=".." """)),
        new("output folder holds something else", "error PKR0027 app.csproj(2)", File("a", """OutputDirectory="src" """)) { Files = new Dictionary<string, string> { ["src/Program.cs"] = "// precious" } },
        new("output folder is a file", "error PKR0105 app.csproj(2)", File("a", """OutputDirectory="a.file/images" """)) { Files = new Dictionary<string, string> { ["a.file"] = "" } },

        // Control properties
        new("PackerOnError", "error PKR0024 app.csproj(3)", File("a") + "\n<PropertyGroup><PackerOnError>explode</PackerOnError></PropertyGroup>"),
        new("PackerForce", "error PKR0024 app.csproj(3)", File("a") + "\n<PropertyGroup><PackerForce>yes</PackerForce></PropertyGroup>"),
        new("PackerDebug", "error PKR0024 app.csproj(3)", File("a") + "\n<PropertyGroup><PackerDebug>2</PackerDebug></PropertyGroup>"),

        // Templates
        new("unknown function", "error PKR0018 app.csproj(3)", Image("""Note="{{ isotiem }}" """)),
        new("unknown field", "error PKR0018 app.csproj(3)", Image("""Note="{{ .Nothing }}" """)),
        new("template that is not closed", "error PKR0018 app.csproj(3)", Image("""Note="on {{ isotime" """)),
        new("field that is given late", "error PKR0018 app.csproj(4)", Step("""<PackerPostProcessor Include="checksum" OutputFile="{{ .BuildNmae }}" />""")),
        new("artifact of an image that there is not", "error PKR0007 app.csproj(2)", File("web", """TargetFile="{{ artifact `bsae` }}" """, content: "") + "\n" + File("base")),
        new("artifact of an image that is not built before", "error PKR0007 app.csproj(2)", File("web", """Source="{{ artifact `base` }}" """, content: "") + "\n" + File("base")),

        // Secrets
        new("literal secret", "warning PKR0016 app.csproj(3)", Image("""Password="hunter2-hunter2" """, "quiet")),
        new("secret whose variable is not set", "error PKR0017 app.csproj(3)", Image("""Password="env:PACKER_TEST_NOT_SET" """, "teller")),
        new("secret whose file is missing", "error PKR0017 app.csproj(3)", Image("""Password="file:nothing.txt" """, "teller")),
        new("secret without a name", "error PKR0011 app.csproj(3)", Image("""Password="env:" """, "teller")),

        // Plugins
        new("plugin missing", "error PKR0005 app.csproj(2)", """<PackerPlugin Include="nothing.dll" />""" + "\n" + File("a")),
        new("plugin is no assembly", "error PKR0005 app.csproj(2)", """<PackerPlugin Include="plugin.dll" />""" + "\n" + File("a")) { Files = new Dictionary<string, string> { ["plugin.dll"] = "no assembly" } },
        new("plugin without components", "error PKR0005 app.csproj(2)", $"""<PackerPlugin Include="{typeof(ZstdSharp.Compressor).Assembly.Location}" />""" + "\n" + File("a")),
        new("builder of a plugin cannot be made", "error PKR0005 app.csproj(3)", Image("", "throws-when-made")),
        new("builder of a plugin throws", "error PKR0106 app.csproj(3)", Image("", "throws")),
        new("check of a plugin throws", "error PKR0106 app.csproj(3)", Image("""Note="throw" """)),
        new("provisioner of a plugin throws", "error PKR0401 app.csproj(3)", Step("""<PackerProvisioner Include="throws" />""")),
        new("builder names a file that it has not made", "error PKR0102 app.csproj(3)", Image("", "liar")),

        // Scripts
        new("script that cannot be executed", "error PKR0403 app.csproj(3)", Step("""<PackerProvisioner Include="shell-local" Script="setup.sh" />""")) { Files = new Dictionary<string, string> { ["setup.sh"] = "#!/bin/sh\n" } },
        new("script that fails", "error PKR0403 app.csproj(3)", Step("""<PackerProvisioner Include="shell-local" InlineShebang="/bin/sh" Inline="exit 7" />""")),

        // Machines
        new("compressed raw disk", "error PKR0014 app.csproj(2)", Machine("""Format="raw" DiskCompression="true" """)),
        new("backing file of a CD", "error PKR0014 app.csproj(2)", Machine("""UseBackingFile="true" """)),
        new("raw disk on a backing file", "error PKR0014 app.csproj(2)", Machine("""UseBackingFile="true" DiskImage="true" Format="raw" """)),
        new("size of a CD kept", "error PKR0014 app.csproj(2)", Machine("""SkipResizeDisk="true" """)),
        new("size of a disk in words", "error PKR0011 app.csproj(2)", Machine("""DiskSize="big" """)),
        new("machine named by a path", "error PKR0011 app.csproj(2)", Machine("""VmName="a/b" """)),
        new("BIOS and UEFI at once", "error PKR0014 app.csproj(2)", Machine("""Firmware="bios.bin" EfiBoot="true" """)) { Files = new Dictionary<string, string> { ["bios.bin"] = "x" } },
        new("half of the UEFI firmware", "error PKR0012 app.csproj(2)", Machine("""EfiFirmwareCode="code.fd" """)) { Files = new Dictionary<string, string> { ["code.fd"] = "x" } },
        new("UEFI firmware without UEFI", "error PKR0014 app.csproj(2)", Machine("""EfiBoot="false" EfiFirmwareCode="code.fd" EfiFirmwareVars="vars.fd" """)) { Files = new Dictionary<string, string> { ["code.fd"] = "x", ["vars.fd"] = "x" } },
        new("kind of a TPM that there is not", "error PKR0014 app.csproj(2)", Machine("""UseTpm1="true" """)),
        new("arguments of no kernel", "error PKR0012 app.csproj(2)", Machine("""KernelArgs="quiet" """)),
        new("ports of a range exchanged", "error PKR0011 app.csproj(2)", Machine("""HostPortMin="4000" HostPortMax="3000" """)),
        new("ports of VNC exchanged", "error PKR0011 app.csproj(2)", Machine("""VncPortMin="6000" VncPortMax="5999" """)),
        new("argument of QEMU without a switch", "error PKR0011 app.csproj(2)", Machine("""QemuArgs="[[&quot;max&quot;]]" """)),
        new("ISO in place that is a file", "error PKR0014 app.csproj(2)", Machine("""IsoSkipCache="true" IsoChecksum="none" """)),
        new("ISO in place with a checksum", "error PKR0014 app.csproj(2)", Machine("""IsoSkipCache="true" IsoUrl="https://example.test/a.iso" """)),
        new("disk image in place", "error PKR0014 app.csproj(2)", Machine("""IsoSkipCache="true" IsoUrl="https://example.test/a.iso" IsoChecksum="none" DiskImage="true" """)),
        new("ISO in place that is put elsewhere", "error PKR0014 app.csproj(2)", Machine("""IsoSkipCache="true" IsoUrl="https://example.test/a.iso" IsoChecksum="none" IsoTargetPath="b.iso" """)),
    ];

    private static string Machine(string metadata)
    {
        // What is given takes the place of what there is.
        string[] common = ["IsoUrl=\"a.iso\"", $"IsoChecksum=\"sha256:{new string('0', 64)}\""];
        return $"""<PackerImage Include="a" Builder="qemu" Communicator="none" {string.Join(' ', common.Where(attribute => !metadata.Contains(attribute[..(attribute.IndexOf('=') + 1)], StringComparison.Ordinal)))} {metadata}/>""";
    }

    private static Dictionary<string, string> Json(string text) => new() { ["a.json"] = text };

    private static string File(string name, string metadata = "", string content = """Content="x" """) => $"""<PackerImage Include="{name}" Builder="file" {content}{metadata}/>""";
}
