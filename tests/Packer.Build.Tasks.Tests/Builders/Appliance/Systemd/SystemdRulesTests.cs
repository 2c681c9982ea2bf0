using Packer.Builders.Appliance;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>What is said of the settings of an installed Debian before anything is built.</summary>
[TestClass]
public sealed class SystemdRulesTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINVf8cA0pJj6gGqkzDs7KuCUlZRQ9jZ1pT3h2BqXbU1C me@here";

    [TestMethod]
    [DataRow(Key)]
    [DataRow("""no-pty,command="echo hi" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINVf8cA0pJj6gGqkzDs7KuCUlZRQ9jZ1pT3h2BqXbU1C""")]
    public void A_public_key_is_taken(string key) => Assert.IsEmpty(Faults(new ApplianceConfig { Shape = "debian", AuthorizedKeys = [key] }));

    [TestMethod]
    [DataRow("id_ed25519.pub")]
    [DataRow("ssh-ed25519")]
    [DataRow("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAINVf8cA0pJj6gGqkzDs7KuCUlZRQ9jZ1pT3h2BqXbU1C")]
    [DataRow("ssh-ed25519 !!!")]
    public void What_is_no_key_is_not(string key) =>
        Assert.AreEqual((DiagnosticCodes.WrongValue, "AuthorizedKeys"), Faults(new ApplianceConfig { Shape = "debian", AuthorizedKeys = [key] }).Single());

    [TestMethod]
    public void Keys_of_the_one_shape_say_that_they_have_no_effect_in_the_other() =>
        CollectionAssert.AreEquivalent(
            (string[])["AuthorizedKeyFiles", "AuthorizedKeys", "UnsupportedScripts"],
            Faults(new ApplianceConfig { UnsupportedScripts = "FirstBoot", AuthorizedKeys = [Key], AuthorizedKeyFiles = ["/id.pub"] }).Where(fault => fault.Code == DiagnosticCodes.ConflictingKeys).Select(fault => fault.Key).ToArray());

    [TestMethod]
    public void A_service_has_variables_of_plain_names_only()
    {
        var environment = new Dictionary<string, string> { ["Logging:Level"] = "x", ["Logging__Level"] = "x" };

        Assert.AreEqual((DiagnosticCodes.WrongValue, "Environment"), Faults(new ApplianceConfig { Shape = "debian", Environment = environment }).Single());
        Assert.IsEmpty(Faults(new ApplianceConfig { Environment = environment }));
    }

    private static List<(string Code, string? Key)> Faults(ApplianceConfig config)
    {
        var faults = new List<(string, string?)>();
        ApplianceRules.Check(config, (code, key, _) => faults.Add((code, key)));
        return faults;
    }
}
