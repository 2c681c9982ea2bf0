using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Packer.Provisioners.Ansible;
using Packer.Tests.Engine;

namespace Packer.Tests.Provisioners;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
[UnsupportedOSPlatform("windows")]
public sealed class AnsibleTests : IDisposable
{
    private const string Playbook = """
        - hosts: web
          gather_facts: false
          tasks:
            - ansible.builtin.copy:
                content: "{{ packer_build_name }} {{ packer_builder_type }} {{ inventory_hostname }} {{ groups['db'] | length }} {{ more | default('') }}"
                dest: "{{ lookup('env', 'TARGET') }}"
        """;

    private readonly Provisioning machine = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    private string Target => Path.Combine(machine.Remote, "made");

    public void Dispose() => machine.Dispose();

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_playbook_runs_over_ssh_with_the_settings_of_the_connection(bool keyFile)
    {
        Rig.Require("ansible-playbook", "sshd", "ssh", "ssh-keygen", "python3");
        using var server = new SshServer();
        await server.WaitAsync(Token);
        machine.Data["Host"] = "127.0.0.1";
        machine.Data["Port"] = server.Port;
        machine.Data["User"] = Environment.UserName;
        machine.Data["ConnType"] = "ssh";
        if (keyFile) machine.Data["SSHPrivateKeyFile"] = server.PrivateKey;
        else machine.Data["SSHPrivateKey"] = await File.ReadAllTextAsync(server.PrivateKey, Token);
        await RunAsync();
        Assert.AreEqual("web test default 0 x", await File.ReadAllTextAsync(Target, Token), machine.Ui.Text);
        Assert.Contains("changed=1", machine.Ui.Text);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_playbook_that_fails_is_an_error_and_the_inventory_is_removed()
    {
        Rig.Require("ansible-playbook", "python3");
        machine.Data["Host"] = "127.0.0.1";
        machine.AddFile("inventories/group_vars/all.yml", "fails: true\n");
        machine.AddFile("playbook.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.fail:\n        msg: on purpose\n      when: fails\n");
        var failure = await machine.FailAsync(new AnsibleProvisioner(), new()
        {
            ["playbook_file"] = "playbook.yml", ["inventory_directory"] = "inventories", ["inventory_file_template"] = "{{.HostAlias}} ansible_connection=local",
        }, Token);
        Assert.AreEqual(DiagnosticCodes.PlaybookFailed, failure.Code);
        Assert.Contains("on purpose", machine.Ui.Text);
        Assert.AreEqual("group_vars", Path.GetFileName(Directory.EnumerateFileSystemEntries(Path.Combine(machine.Project, "inventories")).Single()));
    }

    [TestMethod]
    public async Task The_password_stands_in_no_argument_and_in_a_file_for_the_user_alone()
    {
        machine.Data["Host"] = "10.0.0.1";
        machine.Data["Port"] = 5986;
        machine.Data["User"] = "admin";
        machine.Data["Password"] = "correct-horse\"staple";
        machine.Data["ConnType"] = "winrm";
        var command = machine.AddFile("ansible-playbook", "#!/bin/sh\necho \"$@\" > arguments\ncp \"${2#@}\" variables; stat -c %a \"${2#@}\" > mode; true\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await RunAsync(new() { ["command"] = command });
        Assert.DoesNotContain("correct-horse", Read("arguments"));
        Assert.AreEqual("600\n", Read("mode"));
        var variables = JsonNode.Parse(Read("variables"))!;
        Assert.AreEqual("correct-horse\"staple", (string?)variables["ansible_password"]);
        Assert.AreEqual("https", (string?)variables["ansible_winrm_scheme"]);
    }

    [TestMethod]
    public async Task Without_a_machine_there_is_an_error_before_anything_runs()
    {
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync());
        Assert.AreEqual(DiagnosticCodes.CommunicatorMissing, failure.Code);
        machine.Data["Host"] = "10.0.0.1";
        failure = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(new() { ["command"] = "no-such-program" }));
        Assert.AreEqual(DiagnosticCodes.ProgramDoesNotStart, failure.Code);
    }

    [TestMethod]
    public async Task A_cancel_ends_the_playbook()
    {
        machine.Data["Host"] = "10.0.0.1";
        var command = machine.AddFile("ansible-playbook", "#!/bin/sh\ntouch begun\nsleep 600\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        machine.AddFile("playbook.yml", Playbook);
        var running = machine.RunAsync(new AnsibleProvisioner(), new() { ["playbook_file"] = "playbook.yml", ["command"] = command }, cancel.Token);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(machine.Project, "begun")), "the playbook runs");
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
    }

    [TestMethod]
    [DataRow("""{ }""", "PKR0012")]
    [DataRow("""{ "playbook_file": "none.yml" }""", "PKR0019")]
    [DataRow("""{ "playbook_file": "playbook.yml", "ansible_env_vars": ["A"] }""", "PKR0011")]
    [DataRow("""{ "playbook_file": "playbook.yml", "inventory_file": "playbook.yml", "groups": ["web"] }""", "PKR0014")]
    public void What_is_wrong_is_said_before_anything_runs(string keys, string code)
    {
        machine.AddFile("playbook.yml", Playbook);
        var found = machine.Prepare(new AnsibleProvisioner(), (JsonObject)JsonNode.Parse(keys)!).Diagnostics;
        Assert.AreEqual(code, found.Single().Code, found.Single().Message);
    }

    private Task RunAsync(JsonObject? more = null)
    {
        machine.AddFile("playbook.yml", Playbook);
        var keys = more ?? [];
        keys["playbook_file"] = "playbook.yml";
        keys["groups"] = "web";
        keys["empty_groups"] = "db";
        keys["extra_arguments"] = new JsonArray("-e", "more=x");
        keys["ansible_env_vars"] = new JsonArray($"TARGET={Target}");
        return machine.RunAsync(new AnsibleProvisioner(), keys, Token);
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(machine.Project, name));
}
