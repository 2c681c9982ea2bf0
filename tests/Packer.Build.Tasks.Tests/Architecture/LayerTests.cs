using System.Text.RegularExpressions;
using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Tests.Architecture;

/// <summary>Holds the arrows between the layers: imports point down only.</summary>
[TestClass]
public sealed partial class LayerTests
{
    /// <summary>What MSBuild keeps for itself as names of metadata: XML element names and the well-known metadata.</summary>
    private static readonly string[] ReservedMetadata =
    [
        "Include", "Exclude", "Remove", "Update", "Condition", "Label", "KeepMetadata", "RemoveMetadata", "KeepDuplicates", "MatchOnMetadata", "MatchOnMetadataOptions",
        "Target", "Output", "OnError", "PropertyGroup", "ItemGroup", "UsingTask", "Choose", "When", "Otherwise", "ImportGroup", "ProjectExtensions", "VisualStudioProject",
        "FullPath", "RootDir", "Filename", "Extension", "RelativeDir", "Directory", "RecursiveDir", "Identity", "ModifiedTime", "CreatedTime", "AccessedTime",
        "DefiningProjectFullPath", "DefiningProjectDirectory", "DefiningProjectName", "DefiningProjectExtension",
    ];

    [TestMethod]
    [DataRow("Imaging", "Packer.Debian|Packer.Engine|Packer.Configuration|Packer.Builders|Packer.Steps|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("Debian", "Packer.Imaging|Packer.Engine|Packer.Configuration|Packer.Builders|Packer.Steps|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("Configuration", "Packer.Engine|Packer.Imaging|Packer.Debian|Packer.Builders|Packer.Steps|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("Engine", "Packer.Imaging|Packer.Debian|Packer.Communicators|Packer.Builders|Packer.Provisioners|Packer.PostProcessors|Packer.Steps|Packer.Running|Packer.Tasks")]
    [DataRow("Communicators", "Packer.Builders|Packer.Provisioners|Packer.PostProcessors|Packer.Steps|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("Steps", "Packer.Builders|Packer.Provisioners|Packer.PostProcessors|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("Builders", "Packer.Running|Packer.Tasks|Microsoft.Build.Utilities")]
    [DataRow("Running", "Packer.Communicators|Packer.Provisioners|Packer.PostProcessors|Packer.Tasks|Microsoft.Build")]
    [DataRow("Provisioners", "Packer.Builders|Packer.Running|Packer.Tasks|Microsoft.Build")]
    [DataRow("PostProcessors", "Packer.Builders|Packer.Running|Packer.Tasks|Microsoft.Build")]
    public void A_layer_names_only_what_lies_below(string layer, string forbidden)
    {
        var violations = Sources(layer).SelectMany(file => forbidden.Split('|')
            .Where(name => Regex.IsMatch(Code(file), $@"\b{Regex.Escape(name)}\b(?!\.Tests)"))
            .Select(name => $"{file} names {name}")).ToList();
        Assert.IsEmpty(violations, string.Join('\n', violations));
    }

    [TestMethod]
    public void In_the_engine_only_its_MSBuild_folder_names_MSBuild()
    {
        var violations = Sources("Engine").Where(file => !file.Contains("/MSBuild/", StringComparison.Ordinal))
            .Where(file => Code(file).Contains("Microsoft.Build", StringComparison.Ordinal) && !file.EndsWith("PluginLoadContext.cs", StringComparison.Ordinal)).ToList();
        Assert.IsEmpty(violations, string.Join('\n', violations));
    }

    [TestMethod]
    public void No_key_is_a_name_that_MSBuild_keeps_for_itself()
    {
        using var registry = new ComponentRegistry([]);
        var clashes = ComponentKeys.Names(registry.All).Intersect(ReservedMetadata, StringComparer.OrdinalIgnoreCase).ToList();
        Assert.IsEmpty(clashes, string.Join(", ", clashes));
    }

    [TestMethod]
    public void Tasks_touch_no_state_of_the_process()
    {
        // MSBuild keeps the process and runs other tasks in it.
        var forbidden = new[] { "Environment.CurrentDirectory", "Environment.SetEnvironmentVariable", "Environment.Exit", "Directory.SetCurrentDirectory", "Console.", "CultureInfo.CurrentCulture =", "Thread.CurrentThread.CurrentCulture" };
        var violations = Sources("").SelectMany(file => forbidden.Where(name => Code(file).Contains(name, StringComparison.Ordinal)).Select(name => $"{file} uses {name}")).ToList();
        Assert.IsEmpty(violations, string.Join('\n', violations));
    }

    [TestMethod]
    public void Every_task_carries_the_multi_threadable_attribute()
    {
        // Without it a task runs in a sidecar under -mt, and its clean-up is lost there. Builders run inside BuildImage.
        var tasks = typeof(KeyName).Assembly.GetTypes().Where(type => !type.IsAbstract && typeof(CancelableTask).IsAssignableFrom(type));
        var without = tasks.Where(type => type.GetCustomAttributes(inherit: true).All(attribute => attribute.GetType().Name != "MSBuildMultiThreadableTaskAttribute")).ToList();
        Assert.IsEmpty(without, string.Join(", ", without));
    }

    [TestMethod]
    public void Every_built_in_component_is_public()
    {
        // Only public types are looked at for built-in components: to load all types takes longer than to plan.
        using var registry = new ComponentRegistry([]);
        var marked = typeof(KeyName).Assembly.GetTypes().Where(type => type.IsDefined(typeof(PackerComponentAttribute), inherit: false)).ToHashSet();
        marked.ExceptWith(registry.All.Select(found => found.Type));
        Assert.IsEmpty(marked, string.Join(", ", marked));
    }

    private static IEnumerable<string> Sources(string layer) =>
        Directory.EnumerateFiles(RepositoryFiles.FullPath("src", "Packer.Build.Tasks", layer), "*.cs", SearchOption.AllDirectories)
            .Select(file => file.Replace('\\', '/')).Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    /// <summary>The text without comments, where a name is allowed.</summary>
    private static string Code(string file) => Comments().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();
}
