using Packer.Builders.Appliance;
using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The builder as the engine calls it.</summary>
[TestClass]
public sealed class ApplianceBuilderTests
{
    [TestMethod]
    public void Every_key_can_be_written_as_metadata()
    {
        var (config, result) = Decode(
            ("Formats", "raw;qcow2;vhd;vhdx;vmdk;ova;gcp"), ("Qcow2Compression", "zstd"), ("VhdType", "dynamic"), ("DebianSuite", "forky"), ("DebianMirror", "http://mirror.example.test/debian"), ("HostName", "api"), ("Environment", "A=1;Logging__Level=Debug"),
            ("Arguments", "--port;80"), ("HttpPort", "80"), ("KernelArguments", "quiet;mitigations=off"), ("FreeSpace", "1G"), ("DiskSize", "4G"), ("SourceDateEpoch", "1700000000"), ("Sbom", "true"),
            ("User", "web"), ("WorkingDirectory", "/srv"), ("Ports", "80;443"), ("Files", """[{ "Source": ".", "Path": "/srv", "Mode": "0640", "Owner": "web" }]"""), ("Directories", """{ "path": "/srv/up" }"""));

        Assert.IsFalse(result.HasErrors, string.Join('\n', result.Diagnostics.Select(found => found.Diagnostic.Message)));
        Assert.HasCount(7, config.Formats);
        Assert.AreEqual("zstd", config.Qcow2Compression);
        Assert.AreEqual("dynamic", config.VhdType);
        Assert.AreEqual("forky", config.DebianSuite);
        Assert.AreEqual("Debug", config.Environment["Logging__Level"]);
        CollectionAssert.AreEqual((string[])["--port", "80"], config.Arguments.ToArray());
        Assert.AreEqual(1L << 30, config.FreeSpace.Bytes);
        Assert.AreEqual(4L << 30, config.DiskSize?.Bytes);
        Assert.IsTrue(config.Sbom);
        CollectionAssert.AreEqual((int[])[80, 443], config.Ports.ToArray());
        Assert.AreEqual(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), Path.TrimEndingDirectorySeparator(config.Files.Single().Source));
        Assert.AreEqual("0640", config.Files.Single().Mode);
        Assert.AreEqual("/srv/up", config.Directories.Single().Path);
        // What an entry reads is an input of the image, as that of any key.
        Assert.AreEqual(ConfigInputKind.Directory, result.Inputs.Single().Kind);
        Assert.AreEqual(1_700_000_000, config.SourceDateEpoch);
    }

    [TestMethod]
    [DataRow("Formats", "vmdk9")]
    [DataRow("Qcow2Compression", "lzma")]
    [DataRow("VhdType", "thin")]
    [DataRow("Ports", "80;70000")]
    [DataRow("Files", "[{ \"Source\": \"missing\", \"Path\": \"/etc/x\" }]")]
    [DataRow("Files", "[{ \"Path\": \"/etc/x\" }]")]
    [DataRow("Directories", "[{ \"Path\": \"/srv\", \"Modus\": \"0755\" }]")]
    [DataRow("HttpPort", "0")]
    [DataRow("HttpPort", "65536")]
    [DataRow("DiskSize", "1M")]
    [DataRow("SourceDateEpoch", "-1")]
    [DataRow("DebianKeyring", "missing.gpg")]
    public void What_cannot_be_is_an_error(string key, string value) => Assert.IsTrue(Decode((key, value)).Result.HasErrors);

    [TestMethod]
    public void A_vhd_cannot_hold_more_than_2040_gibibytes()
    {
        var errors = new List<string>();
        ApplianceRules.Check(new ApplianceConfig { Formats = ["vhd", "vhdx"], DiskSize = ByteSize.Parse("2041G") }, (_, key, message) => errors.Add($"{key}: {message}"));
        StringAssert.Contains(errors.Single(), "DiskSize: '2041G' is more than the 2040 GiB");
        errors.Clear();
        ApplianceRules.Check(new ApplianceConfig { Formats = [] }, (_, key, message) => errors.Add($"{key}: {message}"));
        StringAssert.Contains(errors.Single(), "Formats: there is no format");
    }

    [TestMethod]
    public void Each_format_has_one_file_named_after_the_image()
    {
        var outputs = ApplianceFormats.Disks(new ApplianceConfig { Formats = ["raw", "qcow2", "tar", "vhd", "raw", "vhdx", "oci", "vmdk", "ova", "gcp"] }, "web", "/images");
        CollectionAssert.AreEqual(
            (string[])["web.raw", "web.qcow2", "web.vhd", "web.vhdx", "web.vmdk", "web.ova", "web.tar.gz"], outputs.Select(output => Path.GetFileName(output.Path)).ToArray());
        CollectionAssert.AllItemsAreUnique(outputs.Select(output => output.Format.GetType()).ToArray());
        Assert.AreEqual("web.tar", Path.GetFileName(ApplianceFormats.PathOf("tar", "web", "/images")));
        Assert.AreEqual("web.oci.tar", Path.GetFileName(ApplianceFormats.PathOf("oci", "web", "/images")));
        Assert.IsFalse(ApplianceFormats.NeedDisk(new ApplianceConfig { Formats = ["tar", "oci"] }));
    }

    [TestMethod]
    public async Task Without_an_app_there_is_no_image()
    {
        var builder = new ApplianceBuilder();
        var prepared = builder.Prepare(PrepareContext.FromLayers(new ConfigDecoder(), [new ConfigLayer(ConfigLayerKind.Item)], Decoding()));
        Assert.IsEmpty(prepared.Diagnostics);

        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => builder.RunAsync(TestBuild.Context(new TestUi()), CancellationToken.None));

        Assert.AreEqual(DiagnosticCodes.AppMissing, error.Code);
    }

    private static (ApplianceConfig Config, DecodeResult Result) Decode(params (string Key, string Text)[] metadata)
    {
        var layer = new ConfigLayer(ConfigLayerKind.Item);
        foreach (var (key, text) in metadata) layer.Add(key, ConfigText.FromEscaped(text));
        return new ConfigDecoder().Decode<ApplianceConfig>([layer], Decoding());
    }

    private static DecodeContext Decoding() => new() { Owner = "image 'web'", ProjectDirectory = Path.GetTempPath(), Templates = new TemplateEngine() };
}
