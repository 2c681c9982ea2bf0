using System.Text.Json;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class SecretTests
{
    [TestMethod]
    public void A_literal_never_shows()
    {
        foreach (var secret in new[] { Secret.Parse("hunter2"), Secret.FromLiteral("hunter2") })
        {
            Assert.AreEqual("hunter2", secret.Reveal());
            Assert.IsFalse(secret.IsReference);
            Assert.IsNull(secret.Reference);
            Assert.AreEqual("***", secret.ToString());
            Assert.DoesNotContain("hunter2", JsonSerializer.Serialize(secret));
        }
    }

    [TestMethod]
    public void A_literal_may_look_like_a_reference() => Assert.AreEqual("env:X", Secret.FromLiteral("env:X").Reveal());

    [TestMethod]
    public void An_environment_variable_is_read_when_asked_for()
    {
        string? value = null;
        var secret = Secret.Parse("env:GOLDEN", null, name => name == "GOLDEN" ? value : "wrong");
        Assert.AreEqual("env:GOLDEN", secret.Reference);
        Assert.AreEqual("env:GOLDEN", secret.ToString());
        var exception = Assert.ThrowsExactly<PackerException>(() => secret.Reveal());
        Assert.AreEqual(DiagnosticCodes.SecretUnresolved, exception.Code);
        Assert.AreEqual(
            "The secret 'env:GOLDEN' cannot be resolved: the environment variable 'GOLDEN' is not set. Set it in the environment of the build.", exception.Message);
        value = "hunter2";
        Assert.AreEqual("hunter2", secret.Reveal());
    }

    [TestMethod]
    [DataRow("hunter2", "hunter2")]
    [DataRow("hunter2\n", "hunter2")]
    [DataRow("hunter2\r\n", "hunter2")]
    [DataRow("a\nb\n\n", "a\nb\n")]
    [DataRow("", "")]
    public void A_file_loses_its_last_line_break(string text, string secret)
    {
        using var directory = new TestDirectory();
        directory.Write("keys/password", text);
        Assert.AreEqual(secret, Secret.Parse(@"file:keys\password", directory.Path).Reveal());
        Assert.AreEqual(secret, Secret.Parse("file:" + Path.Combine(directory.Path, "keys/password")).Reveal());
    }

    [TestMethod]
    public void A_missing_file_is_named()
    {
        using var directory = new TestDirectory();
        var exception = Assert.ThrowsExactly<PackerException>(() => Secret.Parse("file:missing", directory.Path).Reveal());
        Assert.AreEqual("PKR0017", exception.Code);
        StringAssert.StartsWith(exception.Message, $"The secret 'file:missing' cannot be resolved: the file '{Path.Combine(directory.Path, "missing")}' cannot be read (");
        Assert.ThrowsExactly<ArgumentException>(() => Secret.Parse("file:missing"));
    }
}
