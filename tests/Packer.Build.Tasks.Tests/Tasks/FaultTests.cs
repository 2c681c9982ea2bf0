using System.Text;
using System.Text.RegularExpressions;

namespace Packer.Tests.Tasks;

/// <summary>Each fault gives its one message: code, file, line and text. Where there is an error, no image is left.</summary>
[TestClass]
public sealed partial class FaultTests
{
    private static readonly string TextsPath = RepositoryFiles.FullPath("tests", "Packer.Build.Tasks.Tests", "Tasks", "faults.txt");

    [TestMethod]
    public void Every_fault_gives_its_own_message_and_leaves_nothing()
    {
        var texts = new StringBuilder("# What each fault of Faults.cs says. Written by the tests with PACKER_UPDATE_GENERATED=1; read it when it changes.\n");
        var wrong = new List<string>();
        foreach (var fault in Faults.All)
        {
            var (expected, lines) = Run(fault, wrong);
            if (expected != fault.Expected) wrong.Add($"{fault.Name}: expected '{fault.Expected}', but there is '{expected}':\n    {string.Join("\n    ", lines)}");
            texts.Append("\n## ").Append(fault.Name).Append('\n');
            foreach (var line in lines) texts.Append(line).Append('\n');
        }
        if (wrong.Count > 0) Assert.Fail(string.Join("\n", wrong));
        RepositoryFiles.AssertGenerated(TextsPath, texts.ToString());
    }

    private static (string Expected, IReadOnlyList<string> Lines) Run(Fault fault, List<string> wrong)
    {
        using var project = new TaskProject(fault.Body, fault.GlobalProperties);
        foreach (var (name, text) in fault.Files)
        {
            var path = Path.Combine(project.Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        var succeeded = project.Build();
        var found = project.Engine.Diagnostics;
        if (succeeded == found.Any(line => line.StartsWith("error", StringComparison.Ordinal))) wrong.Add($"{fault.Name}: the result does not fit to what was logged.");
        if (!succeeded && Directory.Exists(project.OutputDirectory) && Directory.EnumerateFileSystemEntries(project.OutputDirectory).Any(entry => !entry.EndsWith(".lock", StringComparison.Ordinal)))
            wrong.Add($"{fault.Name}: something is left: {string.Join(", ", Directory.EnumerateFileSystemEntries(project.OutputDirectory))}");
        foreach (var (name, text) in fault.Files)
            if (File.ReadAllText(Path.Combine(project.Folder, name)) != text) wrong.Add($"{fault.Name}: '{name}' was changed.");
        if (!File.Exists(project.ProjectFile)) wrong.Add($"{fault.Name}: the project is gone.");

        var lines = found.Select(line => Portable(line, project)).ToList();
        return (string.Join(", ", lines.Select(line => Head().Match(line).Value)), lines);
    }

    private static string Portable(string line, TaskProject project)
    {
        line = line.Replace(project.Folder, "{folder}", StringComparison.Ordinal)
            .Replace(Path.GetDirectoryName(project.Folder)!, "{parent}", StringComparison.Ordinal)
            .Replace(TaskProject.TestPlugin, "{plugin}", StringComparison.Ordinal)
            .Replace(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), "{tests}", StringComparison.Ordinal);
        return InlineScript().Replace(line, "inline-{id}");
    }

    [GeneratedRegex(@"^(error|warning) \w+ [^:]*\(\d+\)")]
    private static partial Regex Head();

    [GeneratedRegex("inline-[0-9a-f]{32}")]
    private static partial Regex InlineScript();
}
