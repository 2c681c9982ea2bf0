using System.Diagnostics;
using System.Globalization;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>What a builder noted.</summary>
internal sealed record BuilderEvent(long Milliseconds, int ProcessId, string Text);

/// <summary>
/// A project with slow images whose build can be stopped in every way, and all that must hold afterwards. It needs no .NET SDK, restores nothing and
/// compiles nothing, so its builds start fast.
/// </summary>
internal sealed class SlowProject : IDisposable
{
    public const string CleanUpEnds = "clean-up ends";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TestProject project;
    private readonly string[] images;

    private SlowProject(TestProject project, string[] images)
    {
        this.project = project;
        this.images = images;
    }

    public MarkedProcesses Processes { get; } = new();

    public TestProject Project => project;

    public IReadOnlyList<string> Images => images;

    public static async Task<SlowProject> CreateAsync(string cleanUpTime = "1s", params string[] images)
    {
        if (images.Length == 0) images = ["one", "two"];
        var project = await TestProject.CreateEmptyAsync();
        var slow = new SlowProject(project, images);
        var items = string.Concat(images.Select(image => $"""<PackerImage Include="{image}" Builder="slow" Events="{project.Folder}" Release="{slow.ReleaseFile}" CleanUpTime="{cleanUpTime}" />"""));
        project.Write("app.proj", $"""
            <Project DefaultTargets="Build">
              {project.SdkElement}
              <PropertyGroup>
                <OutputPath>bin/</OutputPath>
                <IntermediateOutputPath>obj/</IntermediateOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <PackerPlugin Include="{Repository.TestPlugin}" />
                {items}
              </ItemGroup>
              <Target Name="Build" />
              <Target Name="Clean" />
            </Project>
            """);
        project.Environment[MarkedProcesses.Variable] = slow.Processes.Mark;
        return slow;
    }

    /// <summary>The builders go on to their end when it is there.</summary>
    public string ReleaseFile => project.PathOf("release");

    /// <summary>Lets the builders wait again, and forgets what they noted.</summary>
    public void Restart()
    {
        File.Delete(ReleaseFile);
        foreach (var image in images) File.Delete(project.PathOf(image + ".events"));
    }

    public bool AllowsNodeReuse { get; private set; }

    /// <summary>Lets MSBuild keep its nodes and use its server; nobody else's builds meet them.</summary>
    public void AllowNodeReuse()
    {
        AllowsNodeReuse = true;
        project.Environment["MSBUILDDISABLENODEREUSE"] = null;
        project.Environment["MSBUILDNODEHANDSHAKESALT"] = Processes.Mark;
    }

    /// <summary>The arguments of a build of all images side by side.</summary>
    public static string[] Build(params string[] arguments) => ["build", "app.proj", "--no-restore", "-m:2", "-v:m", "-nologo", "-tl:off", .. arguments];

    /// <summary>
    /// Starts a build in a session of its own, in which it leads the process group: so does a terminal. Whoever started the tests may ignore
    /// signals, which is inherited.
    /// </summary>
    public RunningCommand Start(params string[] arguments) => Start(["--default-signal", "dotnet", .. Build(arguments)], "env");

    /// <summary>Starts a program in a session of its own with the environment of the project's builds.</summary>
    public RunningCommand Start(IReadOnlyList<string> arguments, string program)
    {
        var start = DotNet.StartInfo(project.Folder, [], project.Environment);
        start.FileName = "setsid";
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new RunningCommand(start);
    }

    /// <summary>What the builder of an image noted, in order.</summary>
    public IReadOnlyList<BuilderEvent> Events(string image)
    {
        var path = project.PathOf(image + ".events");
        if (!File.Exists(path)) return [];
        return [.. File.ReadAllText(path).Split('\n')[..^1].Select(line => line.Split(' ', 3)).Select(fields =>
            new BuilderEvent(long.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), fields[2]))];
    }

    /// <summary>Whether an event was noted.</summary>
    public bool Has(string image, string text) => Events(image).Any(found => found.Text == text);

    /// <summary>The process in which an image is being built.</summary>
    public int HostOf(string image) => Events(image).Last().ProcessId;

    /// <summary>Waits until all images are in the middle of their work.</summary>
    public Task WaitUntilStartedAsync(RunningCommand? command) => WaitForAsync(() => images.All(image => Has(image, "started")), "all images started", command);

    public static async Task WaitForAsync(Func<bool> condition, string what, RunningCommand? command = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Patience) Assert.Fail($"It never came true that {what}.\n{command?.OutputSoFar}");
            await Task.Delay(20);
        }
    }

    /// <summary>Asserts that a builder was told to stop, whose program was still there then, and that its clean-up went to its end.</summary>
    public void AssertCleanedUp(string image, BuildOutput output, string end = CleanUpEnds, bool programLives = true)
    {
        var events = string.Join(", ", Events(image).Select(found => found.Text));
        output.Assert(Has(image, "cancelled"), $"The token of image '{image}' was not cancelled: {events}");
        output.Assert(!programLives || Has(image, "clean-up begins"), $"The clean-up of image '{image}' did not begin with its program alive: {events}");
        output.Assert(Has(image, end), $"The clean-up of image '{image}' has no event '{end}': {events}");
    }

    /// <summary>Asserts that no process, no lock, no half-made folder and no ledger is left.</summary>
    public async Task AssertNothingLeftAsync()
    {
        var nodesStay = project.Environment.ContainsKey("MSBUILDNODEHANDSHAKESALT");
        await Processes.WaitForEndAsync(nodesStay);
        // A node that stays may be about to remove the last of it.
        if (nodesStay) await WaitForAsync(() => Left().Count == 0, "nothing is left");
        Assert.IsEmpty(Left(), "This is left: " + string.Join(", ", Left()));
    }

    /// <summary>The files and folders that belong to a running build only.</summary>
    public IReadOnlyList<string> Left()
    {
        string[] endings = [".lock", ".partial", ".old", ".processes", ".tmp", ".secrets"];
        return [.. Directory.EnumerateFileSystemEntries(project.Folder, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(project.PathOf("cache"), StringComparison.Ordinal) && endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))];
    }

    /// <summary>Builds to the end and asserts that the images are right and nothing is left.</summary>
    public async Task AssertNextBuildSucceedsAsync()
    {
        await File.WriteAllTextAsync(ReleaseFile, "");
        using var command = Start();
        (await command.WaitAsync()).AssertSucceeded().AssertNoWarnings();
        foreach (var image in images)
        {
            var folder = project.PathOf($"bin/images/{image}");
            Assert.AreEqual($"{image}.slow", string.Join(' ', Directory.GetFileSystemEntries(folder).Select(Path.GetFileName)));
            var expected = string.Concat(Enumerable.Range(0, 1000).Select(line => string.Create(CultureInfo.InvariantCulture, $"{image} {line}\n")));
            Assert.AreEqual(expected, await File.ReadAllTextAsync(Path.Combine(folder, image + ".slow")));
        }
        await AssertNothingLeftAsync();
    }

    public void Dispose()
    {
        Processes.End();
        project.Dispose();
    }
}
