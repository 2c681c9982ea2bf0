using System.Text.Json;
using Packer.Tests.Docs;
using Packer.Tests.Reports;

namespace Packer.Tests.Editor;

/// <summary>The schema of config files before a real validator, Python's jsonschema.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class ConfigFileSchemaTests
{
    private static readonly string[] Valid =
    [
        "{}",
        """{ "$schema": "packer.config.schema.json", "http_port": 8080, "free_space": "1G", "environment": { "FEATURE_X": "on" } }""",
        """{ "HttpPort": "8080", "freeSpace": 1073741824, "debian-suite": "trixie" }""",
        """{ "http_port": "{{ env `PORT` }}", "formats": "qcow2" }""",
        """{ "formats": ["qcow2", "vhdx"], "packages": [] }""",
        """{ "boot_wait": "1m30s", "iso_url": "debian.iso", "memory": 2048, "headless": true }""",
        """{ "boot_wait": "00:01:30", "memory": "0x800", "headless": "TRUE", "disk_size": "40G" }""",
        """{ "boot_wait": 0, "boot_command": ["<enter>", "a"], "qemuargs": [["-cpu", "host"]] }""",
        """{ "target": "a.txt", "content": "text" }""",
        """{ "ssh_password": "env:SECRET", "ssh_timeout": "10m" }""",
    ];

    private static readonly string[] Invalid =
    [
        "[]",
        """{ "memmory": 2048 }""",
        """{ "memory": "much" }""",
        """{ "memory": 20.5 }""",
        """{ "memory": [1, 2] }""",
        """{ "memory": { "size": 1 } }""",
        """{ "boot_wait": "soon" }""",
        """{ "boot_wait": 10 }""",
        """{ "free_space": "40X" }""",
        """{ "headless": "maybe" }""",
        """{ "environment": "A" }""",
        """{ "formats": ["floppy"] }""",
        """{ "http_port": 70000 }""",
        """{ "http_port": 8080, "iso_url": "of another builder" }""",
    ];

    [TestMethod]
    public async Task Valid_files_pass_and_unknown_keys_and_wrong_values_do_not()
    {
        var fromDocs = MarkdownPage.All().SelectMany(page => page.Snippets).Where(snippet => snippet.Language == "json" && snippet.Marked("file") is { } file && file.EndsWith("web.json", StringComparison.Ordinal)).Select(snippet => snippet.Text);
        string[] valid = [.. Valid, .. fromDocs];
        var results = await ValidateAsync([.. valid, .. Invalid]);
        for (var index = 0; index < results.Count; index++)
        {
            if (index < valid.Length) Assert.AreEqual("ok", results[index], valid[index]);
            else Assert.StartsWith("wrong: ", results[index], Invalid[index - valid.Length]);
        }
        Assert.IsGreaterThan(Valid.Length, valid.Length);
    }

    private static Task<IReadOnlyList<string>> ValidateAsync(IEnumerable<string> files) => JsonValidator.CheckAsync(RepositoryFiles.FullPath("src", "Packer.Sdk", "schemas", ConfigFileSchema.FileName), files.Select(file =>
    {
        using var document = JsonDocument.Parse(file, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return JsonSerializer.Serialize(document.RootElement);
    }));
}
