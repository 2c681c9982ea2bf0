using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators;

[TestClass]
public sealed class CommunicatorRulesTests
{
    [TestMethod]
    public void What_is_complete_is_accepted()
    {
        Assert.IsEmpty(Errors(("communicator", "none")));
        Assert.IsEmpty(Errors(("communicator", "ssh"), ("ssh_host", "example.test"), ("ssh_username", "root"), ("ssh_agent_auth", "true")));
        Assert.IsEmpty(Errors(("communicator", "ssh"), ("ssh_host", "example.test"), ("ssh_username", "root"), ("ssh_password", "env:WORD"), ("ssh_wait_timeout", "3m"),
            ("ssh_local_tunnels", "8081:[::1]:81"), ("ssh_ciphers", "aes256-gcm@openssh.com"), ("ssh_host_key_policy", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")));
    }

    [TestMethod]
    public void Everything_that_lacks_is_said_at_once()
    {
        CollectionAssert.AreEqual((string[])["PKR0012 SshUsername", "PKR0012 SshHost", "PKR0012 SshPassword"], Errors(("communicator", "ssh")));
        CollectionAssert.AreEqual((string[])["PKR0012 WinrmUsername", "PKR0012 WinrmPassword", "PKR0012 WinrmHost"], Errors(("communicator", "winrm")));
    }

    [TestMethod]
    [DataRow("winrm_port", "5985", "")]
    [DataRow("winrm_timeout", "0", "PKR0011 WinrmTimeout")]
    [DataRow("winrm_insecure", "true", "PKR0012 WinrmUseSsl")]
    [DataRow("pause_before_connecting", "-1s", "PKR0011 PauseBeforeConnecting")]
    public void A_fault_of_WinRM_is_said_where_it_is(string key, string value, string expected) => Assert.AreEqual(expected, string.Join(';', Errors(
        ("communicator", "winrm"), ("winrm_host", "example.test"), ("winrm_username", "vagrant"), ("winrm_password", "env:WORD"), (key, value))));

    [TestMethod]
    [DataRow("ssh_proxy_host", "proxy.test", "PKR0014 SshProxyHost")]
    [DataRow("ssh_bastion_username", "", "PKR0012 SshBastionUsername")]
    [DataRow("ssh_bastion_password", "", "PKR0012 SshBastionPassword")]
    [DataRow("ssh_private_key_file", "/nowhere/key", "PKR0019 SshPrivateKeyFile")]
    [DataRow("ssh_certificate_file", "/nowhere/key", "PKR0012 SshCertificateFile;PKR0019 SshCertificateFile")]
    [DataRow("ssh_host_key_policy", "pinned", "PKR0011 SshHostKeyPolicy")]
    [DataRow("ssh_host_key_policy", "SHA256:abc", "PKR0011 SshHostKeyPolicy")]
    [DataRow("ssh_disable_agent_forwarding", "false", "PKR0011 SshDisableAgentForwarding")]
    [DataRow("ssh_ciphers", "rot13", "PKR0011 SshCiphers")]
    [DataRow("ssh_key_exchange_algorithms", "none", "PKR0011 SshKeyExchangeAlgorithms")]
    [DataRow("ssh_local_tunnels", "80:a", "PKR0011 SshLocalTunnels")]
    [DataRow("ssh_remote_tunnels", "0:a:1", "PKR0011 SshRemoteTunnels")]
    [DataRow("ssh_timeout", "0", "PKR0011 SshTimeout")]
    [DataRow("temporary_key_pair_bits", "512", "PKR0011 TemporaryKeyPairBits")]
    public void A_fault_is_said_where_it_is(string key, string value, string expected)
    {
        var settings = new Dictionary<string, string>
        {
            ["communicator"] = "ssh", ["ssh_host"] = "example.test", ["ssh_username"] = "root", ["ssh_password"] = "env:WORD",
            ["ssh_bastion_host"] = "jump.test", ["ssh_bastion_username"] = "me", ["ssh_bastion_password"] = "env:WORD", [key] = value,
        };
        CollectionAssert.AreEqual(expected.Split(';'), Errors([.. settings.Select(entry => (entry.Key, entry.Value))]));
    }

    [TestMethod]
    [DataRow("8080:localhost:80", 8080u, "localhost", 80u)]
    [DataRow("1:[fe80::1]:65535", 1u, "fe80::1", 65535u)]
    public void A_tunnel_has_three_parts(string text, uint port, string host, uint hostPort) => Assert.AreEqual(new SshTunnel(port, host, hostPort), SshTunnel.TryParse(text));

    [TestMethod]
    [DataRow("")]
    [DataRow("80")]
    [DataRow("80:host")]
    [DataRow(":host:80")]
    [DataRow("80::80")]
    [DataRow("80:fe80::1:80")]
    [DataRow("65536:host:80")]
    [DataRow("-1:host:80")]
    public void Anything_else_is_no_tunnel(string text) => Assert.IsNull(SshTunnel.TryParse(text));

    [TestMethod]
    [DataRow("/tmp/plain-1.sh", "/tmp/plain-1.sh")]
    [DataRow("/tmp/with space", "'/tmp/with space'")]
    [DataRow("it's", "'it'\\''s'")]
    [DataRow("~/a b", "~/'a b'")]
    [DataRow("~/plain", "~/plain")]
    [DataRow("", "''")]
    public void A_path_is_one_word_of_the_shell(string path, string word) => Assert.AreEqual(word, RemotePath.Quote(path));

    [TestMethod]
    [DataRow("*.log", "a.log", true)]
    [DataRow("*.log", "b/a.log", false)]
    [DataRow("**/*.log", "a.log", true)]
    [DataRow("**/*.log", "b/c/a.log", true)]
    [DataRow("b/**", "b/c/a.log", true)]
    [DataRow("b/", "b", true)]
    [DataRow("?b", "ab", true)]
    [DataRow("a.b", "axb", false)]
    public void Excludes_are_globs(string pattern, string path, bool matches) => Assert.AreEqual(matches, new PathGlobs([pattern]).Match(path));

    [TestMethod]
    [DataRow("C0644 3 ..")]
    [DataRow("C0644 3 a/b")]
    [DataRow("C0644 -3 a")]
    [DataRow("C0844 3 a")]
    [DataRow("C0644 3")]
    [DataRow("X")]
    public void A_machine_cannot_write_outside_of_the_folder(string record) => Assert.ThrowsExactly<ScpException>(() => ScpStream.Parse(record));

    [TestMethod]
    [DataRow("rsa", 2048)]
    [DataRow("ecdsa", 256)]
    [DataRow("ecdsa", null)]
    [DataRow("ed25519", null)]
    public void A_temporary_key_can_be_read_again_and_has_its_name(string type, int? bits)
    {
        var pair = SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = type, TemporaryKeyPairBits = bits, TemporaryKeyPairName = "for one build" });
        var read = SshKeyPair.Find(new CommunicatorConfig { SshPrivateKey = Secret.FromLiteral(pair.PrivateKey) })!;
        Assert.AreEqual(read.PublicKey + " for one build", pair.PublicKey);
    }

    [TestMethod]
    public async Task A_protected_key_says_that_it_needs_its_passphrase()
    {
        Rig.Require("ssh-keygen");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret-word", "-f", folder["key"]);
        var config = new CommunicatorConfig { SshPrivateKeyFile = folder["key"] };

        var error = Assert.ThrowsExactly<PackerException>(() => SshKeyPair.Find(config));

        Assert.AreEqual(DiagnosticCodes.SshKeyUnusable, error.Code);
        StringAssert.Contains(error.Message, "SshPrivateKeyPassphrase");
        StringAssert.StartsWith(SshKeyPair.Find(config with { SshPrivateKeyPassphrase = Secret.FromLiteral("secret-word") })!.PublicKey, "ssh-ed25519 ");
    }

    private static List<string> Errors(params (string Key, string Value)[] settings)
    {
        var layer = new ConfigLayer(ConfigLayerKind.Item);
        foreach (var (key, value) in settings) layer.Add(key, ConfigText.FromLiteral(value));
        var (config, decoded) = new ConfigDecoder().Decode<CommunicatorConfig>([layer], new DecodeContext { Owner = "image 'web'", ProjectDirectory = "/nowhere", Templates = new TemplateEngine() });
        Assert.IsFalse(decoded.HasErrors, string.Join('\n', decoded.Diagnostics.Select(found => found.Diagnostic.Message)));
        var errors = new List<string>();
        CommunicatorRules.Check(config, (code, key, _) => errors.Add($"{code} {key}"), findsHost: false, bringsKey: false);
        return errors;
    }
}
