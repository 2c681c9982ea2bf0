using Packer.Builders.Appliance;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class ApplianceConfigTests
{
    [TestMethod]
    public void The_defaults_are_valid() => Assert.IsEmpty(Errors(new ApplianceConfig()));

    [TestMethod]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var errors = Errors(new ApplianceConfig
        {
            DebianSuite = "../trixie",
            DebianMirror = new Uri("debian", UriKind.Relative),
            DebianSecurityMirror = new Uri("ftp://mirror.example.test/debian-security"),
            HostName = "my_host",
            Environment = new Dictionary<string, string> { ["A=B"] = "", ["C"] = "\0" },
            Arguments = ["\0"],
            User = "Web App",
            WorkingDirectory = "srv/../web",
            Files = [new ImageFile { Source = "x", Path = "etc/x", Mode = "rw", Owner = "a:b:c" }, new ImageFile { Source = "x", Path = "/run/x" }],
            Directories = [new ImageDirectory { Path = "/srv/../etc", Mode = "0999" }, new ImageDirectory { Path = "/" }],
            KernelPackage = "grub2",
            DataSize = new ByteSize((64 << 20) + 1),
            KernelArguments = ["quiet\nx"],
            DiskSize = new ByteSize((1 << 30) + 1),
        });

        CollectionAssert.AreEqual(
            (string[])["DebianMirror", "DebianSecurityMirror", "DebianSuite", "KernelPackage", "HostName", "Environment", "Environment", "Arguments", "User", "WorkingDirectory", "Files", "Files", "Files", "Files", "Directories", "Directories", "Directories",
                "KernelArguments", "DiskSize", "DataSize"],
            errors.Select(error => error.Key).ToArray());
        Assert.IsTrue(errors.All(error => error.Code == DiagnosticCodes.WrongValue));
        StringAssert.Contains(errors[^2].Message, "'1024M'");
    }

    [TestMethod]
    [DataRow("uki", "standard", "ram", "Set BootMode to 'uki'")]
    [DataRow("raw;uki", "standard", "disk", "Set BootMode to 'uki'")]
    [DataRow("uki", "uki", "disk", "Set Root to 'ram'")]
    [DataRow("tar;uki", "uki", "disk", "Set Root to 'ram'")]
    [DataRow("uki", "uki", "ram", null)]
    [DataRow("raw;uki", "uki", "disk", null)]
    [DataRow("raw", "standard", "ram", null)]
    public void A_unified_kernel_image_is_written_where_there_is_one_that_starts(string formats, string bootMode, string root, string? fault)
    {
        var errors = Errors(new ApplianceConfig { Formats = formats.Split(';'), BootMode = bootMode, Root = root });

        if (fault is null) Assert.IsEmpty(errors);
        else StringAssert.Contains(errors.Single(error => error is { Code: DiagnosticCodes.WrongValue, Key: "Formats" }).Message, fault);
    }

    [TestMethod]
    [DataRow("web", "web")]
    [DataRow("My_Web.App", "my-web-app")]
    [DataRow("--a--", "a")]
    [DataRow("...", "appliance")]
    [DataRow("a23456789012345678901234567890123456789012345678901234567890123456789", "a23456789012345678901234567890123456789012345678901234567890123")]
    [DataRow("a2345678901234567890123456789012345678901234567890123456789012.b", "a2345678901234567890123456789012345678901234567890123456789012")]
    public void The_name_of_an_image_becomes_that_of_a_host(string image, string host)
    {
        Assert.AreEqual(host, HostNames.Of(image));
        Assert.IsTrue(HostNames.IsValid(host));
    }

    [TestMethod]
    [DataRow("web", true)]
    [DataRow("web-1.example.test", true)]
    [DataRow("", false)]
    [DataRow("-web", false)]
    [DataRow("web-", false)]
    [DataRow("a..b", false)]
    [DataRow("a b", false)]
    [DataRow("wéb", false)]
    [DataRow("a2345678901234567890123456789012345678901234567890123456789012345", false)]
    public void Names_of_hosts_are_checked(string name, bool valid) => Assert.AreEqual(valid, HostNames.IsValid(name));

    [TestMethod]
    public void Data_want_a_disk()
    {
        var error = Errors(new ApplianceConfig { Formats = ["oci"], DataSize = ByteSize.Parse("1G") }).Single();
        Assert.AreEqual(DiagnosticCodes.ConflictingKeys, error.Code);
        StringAssert.Contains(error.Message, "'oci'");
    }

    private static List<(string Code, string? Key, string Message)> Errors(ApplianceConfig config)
    {
        var errors = new List<(string, string?, string)>();
        ApplianceRules.Check(config, (code, key, message) => errors.Add((code, key, message)));
        return errors;
    }
}
