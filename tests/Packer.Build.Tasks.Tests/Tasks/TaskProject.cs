using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Tasks;

namespace Packer.Tests.Tasks;

/// <summary>
/// A project in a folder of its own whose items and properties are given to the tasks as MSBuild would: the evaluation here knows items,
/// metadata and properties, and no more.
/// </summary>
internal sealed class TaskProject : IDisposable
{
    private static readonly string[] ControlNames = ["PackerOnly", "PackerExcept", "PackerForce", "PackerDebug", "PackerOnError"];

    private readonly string root;
    private readonly XElement project;

    /// <param name="body">Items and properties, without the groups around them. It begins in line 2 of <c>app.csproj</c>.</param>
    /// <param name="globalProperties">Properties of the command line.</param>
    public TaskProject(string body, IReadOnlyDictionary<string, string>? globalProperties = null)
    {
        // Below a folder of its own: a fault that leads upwards meets that one.
        root = Directory.CreateTempSubdirectory("packer-task-test-").FullName;
        Folder = Directory.CreateDirectory(Path.Combine(root, "above", "project")).FullName;
        ProjectFile = Path.Combine(Folder, "app.csproj");
        var text = $"<Project>\n{body}\n</Project>\n";
        File.WriteAllText(ProjectFile, text);
        project = XElement.Parse(text);
        Engine = new FakeBuildEngine(ProjectFile, globalProperties);
    }

    public string Folder { get; }

    public string ProjectFile { get; }

    public FakeBuildEngine Engine { get; }

    /// <summary>The plugin with components for tests.</summary>
    public static string TestPlugin { get; } = FindPlugin();

    public string OutputDirectory => Path.Combine(Folder, "out");

    /// <summary>Plans, and builds what is out of date. Returns whether all succeeded.</summary>
    public bool Build()
    {
        var plan = Plan();
        var succeeded = plan.Execute();
        if (!succeeded) return false;
        foreach (var image in plan.StaleImages)
            succeeded &= new BuildImage { BuildEngine = Engine, PlanFile = Path.Combine(plan.PlanDirectory, image.ItemSpec + ".plan.json") }.Execute();
        return succeeded;
    }

    /// <summary>As <see cref="Build"/>, and writes the report as the targets do.</summary>
    public bool BuildWithReport()
    {
        var plan = Plan();
        if (!plan.Execute()) return false;
        var succeeded = true;
        var artifacts = plan.Artifacts.ToList();
        foreach (var image in plan.StaleImages)
        {
            var build = new BuildImage { BuildEngine = Engine, PlanFile = Path.Combine(plan.PlanDirectory, image.ItemSpec + ".plan.json") };
            succeeded &= build.Execute();
            artifacts.AddRange(build.Artifacts);
        }
        if (plan.StaleImages.Length > 0)
        {
            succeeded &= new WriteReport
            {
                BuildEngine = Engine, Images = Items("PackerImage"), StaleImages = plan.StaleImages, Artifacts = [.. artifacts], RunId = plan.RunId,
                ProjectFile = ProjectFile, PlanDirectory = plan.PlanDirectory, OutputDirectory = OutputDirectory,
            }.Execute();
        }
        return succeeded;
    }

    /// <summary>The task that plans, with its parameters set.</summary>
    public PlanImages Plan() => new()
    {
        BuildEngine = Engine,
        Images = Items("PackerImage"),
        Provisioners = Items("PackerProvisioner"),
        PostProcessors = Items("PackerPostProcessor"),
        Plugins = Items("PackerPlugin"),
        ProjectProperties = [.. Properties().Where(property => !ControlNames.Contains(property.Name.LocalName)).Select(property => (ITaskItem)new TaskItem(property.Name.LocalName["Packer".Length..], new Dictionary<string, string> { ["Value"] = property.Value }))],
        ProjectFile = ProjectFile,
        PlanDirectory = Path.Combine(Folder, "obj", "packer") + Path.DirectorySeparatorChar,
        OutputDirectory = OutputDirectory,
        CacheDirectory = Path.Combine(Folder, "cache"),
        Only = Property("PackerOnly"),
        Except = Property("PackerExcept"),
        Force = Property("PackerForce"),
        Debug = Property("PackerDebug"),
        OnError = Property("PackerOnError"),
    };

    public void Dispose() => Directory.Delete(root, recursive: true);

    private IEnumerable<XElement> Properties() => project.Elements("PropertyGroup").Elements();

    private string Property(string name) => Properties().LastOrDefault(property => property.Name.LocalName == name)?.Value ?? "";

    private ITaskItem[] Items(string name)
    {
        var items = new List<ITaskItem>();
        foreach (var element in project.Descendants(name))
        {
            foreach (var include in element.Attribute("Include")!.Value.Split(';'))
            {
                var item = new TaskItem(include.Replace("$(TestPlugin)", TestPlugin, StringComparison.Ordinal));
                foreach (var attribute in element.Attributes().Where(attribute => attribute.Name.LocalName != "Include")) item.SetMetadata(attribute.Name.LocalName, attribute.Value);
                foreach (var child in element.Elements()) item.SetMetadata(child.Name.LocalName, child.Value);
                items.Add(item);
            }
        }
        return [.. items];
    }

    private static string FindPlugin()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return RepositoryFiles.FullPath("tests", "Packer.Sdk.Tests", "TestPlugin", "bin", configuration, "net10.0", "Packer.TestPlugin.dll");
    }
}
