using Packer.Builders.Qemu;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class FirmwareTests
{
    [TestMethod]
    public void TheFirstDescriptionWithoutSecureBootIsTaken()
    {
        using var folder = new TemporaryFolder();
        string code = folder.Write("code.fd", ""), variables = folder.Write("vars.fd", "");
        var descriptions = Directory.CreateDirectory(folder["firmware"]).FullName;
        Describe("10-none.json", "not json at all");
        Describe("20-secure.json", Json("x86_64", "\"requires-smm\",\"secure-boot\""));
        Describe("30-arm.json", Json("aarch64", ""));
        Describe("40-plain.json", Json("x86_64", "\"acpi-s3\""));
        Assert.AreEqual(new Firmware(code, variables), Firmware.Described("x86_64", [descriptions]));
        Assert.AreEqual(new Firmware(code, variables), Firmware.Described("aarch64", [descriptions]));
        Assert.IsNull(Firmware.Described("riscv64", [descriptions]));

        void Describe(string name, string text) => File.WriteAllText(Path.Combine(descriptions, name), text);
        string Json(string architecture, string features) =>
            $$$"""
            {"interface-types":["uefi"],"targets":[{"architecture":"{{{architecture}}}","machines":["*"]}],"features":[{{{features}}}],
             "mapping":{"device":"flash","executable":{"filename":"{{{code}}}","format":"raw"},"nvram-template":{"filename":"{{{variables}}}","format":"raw"} } }
            """;
    }

    [TestMethod]
    [TestCategory("Rig")]
    public void ThisSystemsFirmwareIsFound()
    {
        Rig.Require("qemu-system-x86_64");
        var found = Firmware.Find("qemu-system-x86_64");
        Assert.IsNotNull(found, "Install the package ovmf.");
        Assert.IsTrue(File.Exists(found.Code) && File.Exists(found.Variables));
    }
}
