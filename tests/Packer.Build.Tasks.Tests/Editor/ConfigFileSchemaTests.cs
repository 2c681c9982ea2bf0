using System.Diagnostics;
using System.Text.Json;
using Packer.Tests.Docs;

namespace Packer.Tests.Editor;

/// <summary>The schema of config files before a real validator, Python's jsonschema.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class ConfigFileSchemaTests
{
    // One JSON text a line comes in; "ok" or the first error goes out.
    private const string Validator = """
        import json, sys
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1], encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for line in sys.stdin:
            errors = list(validator.iter_errors(json.loads(line)))
            print("ok" if not errors else "wrong: " + errors[0].message[:200].replace("\n", " "))
        """;

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
        """{ "disk_size": "40X" }""",
        """{ "headless": "maybe" }""",
        """{ "environment": "A" }""",
        """{ "formats": ["floppy"] }""",
        """{ "http_port": 70000 }""",
        """{ "http_port": 8080, "iso_url": "of another builder" }""",
    ];

    [TestMethod]
    public async Task Valid_files_pass_and_unknown_keys_and_wrong_values_do_not()
    {
        Rig.Require("python3");
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

    private static async Task<IReadOnlyList<string>> ValidateAsync(IReadOnlyList<string> files)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", Validator, RepositoryFiles.FullPath("src", "Packer.Sdk", "schemas", ConfigFileSchema.FileName)]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(file, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(document.RootElement));
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if ((await errors).Contains("No module named 'jsonschema'", StringComparison.Ordinal)) Rig.Require("python3-jsonschema");
        Assert.AreEqual(0, process.ExitCode, await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
