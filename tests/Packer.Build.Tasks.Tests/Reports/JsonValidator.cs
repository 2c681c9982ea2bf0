using System.Diagnostics;

namespace Packer.Tests.Reports;

/// <summary>Checks JSON by a schema with a real validator, Python's jsonschema.</summary>
internal static class JsonValidator
{
    // One JSON text a line comes in; "ok" or the first error goes out.
    private const string Program = """
        import json, sys
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1], encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for line in sys.stdin:
            errors = list(validator.iter_errors(json.loads(line)))
            print("ok" if not errors else "wrong: " + errors[0].message[:300].replace("\n", " "))
        """;

    /// <summary>Checks texts; the test is inconclusive where the validator is not there.</summary>
    /// <param name="schema">Full path of the schema.</param>
    /// <param name="lines">JSON texts of one line each.</param>
    /// <returns><c>ok</c> or what is wrong, for each.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(string schema, IEnumerable<string> lines)
    {
        Rig.Require("python3");
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", Program, schema]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            foreach (var line in lines) await process.StandardInput.WriteLineAsync(line);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended; its error says why.
        }
        await process.WaitForExitAsync();
        if ((await errors).Contains("No module named 'jsonschema'", StringComparison.Ordinal)) Rig.Require("python3-jsonschema");
        Assert.AreEqual(0, process.ExitCode, await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
