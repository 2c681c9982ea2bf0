using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Packer.Tasks;
using Packer.Tests.Tasks;

namespace Packer.Tests.Builders.Qemu;

/// <summary>A project with one image of the builder <c>qemu</c>, <c>web</c>, planned and built in this process by the tasks that a real build runs.</summary>
internal sealed partial class QemuProject : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Every test has a cache of its own, so its builds do not see which ports the builds of other tests are about to take: many ports make that no matter.</summary>
    private const string Common =
        """Builder="qemu" Headless="true" Accelerator="tcg" Memory="256" SshUsername="root" HostPortMin="10000" HostPortMax="19999" VncPortMin="20000" VncPortMax="29999" """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TaskProject project;
    private readonly string planDirectory;
    private CancelableTask? running;

    /// <summary>Makes a project.</summary>
    /// <param name="attributes">Settings of the image, as attributes in XML; they override the common ones, which need no KVM, window or SSH password.</param>
    /// <param name="steps">Provisioners and more, in XML.</param>
    public QemuProject(string attributes, string steps = "")
    {
        // An attribute that is given takes the place of a common one.
        var names = AttributeNames().Matches(attributes).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        var common = string.Concat(CommonAttributes().Matches(Common).Where(match => !names.Contains(match.Groups["name"].Value + "=")).Select(match => match.Value + " "));
        project = new TaskProject($"""<PackerImage Include="web" {common}{attributes} />{steps}""");
        planDirectory = Path.Combine(project.Folder, "obj", "packer");
    }

    public string Folder => project.Folder;

    public FakeBuildEngine Engine => project.Engine;

    /// <summary>Where the image lands.</summary>
    public string Output => Path.Combine(project.OutputDirectory, "web");

    public string Screen => Path.Combine(planDirectory, "web.screen.png");

    public string SerialLog => Path.Combine(planDirectory, "web.serial.log");

    private string Log => string.Join('\n', Engine.Diagnostics.Concat(Engine.Messages));

    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Writes a file that a secret can refer to, and returns the reference.</summary>
    public string Secret(string value) => "file:" + Write("secret", System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>Plans and builds. Returns whether it succeeded.</summary>
    public Task<bool> BuildAsync()
    {
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute(), Log);
        var task = new BuildImage { BuildEngine = Engine, PlanFile = Path.Combine(plan.PlanDirectory, plan.StaleImages.Single().ItemSpec + ".plan.json") };
        running = task;
        // It blocks until it has ended, as MSBuild wants it.
        return Task.Factory.StartNew(task.Execute, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Builds what must succeed.</summary>
    public async Task BuildWellAsync() => Assert.IsTrue(await BuildAsync().WaitAsync(Patience), Log);

    /// <summary>Builds what must fail with one error, and leave nothing; returns its text.</summary>
    public async Task<string> FailAsync(string code) => AssertFailed(await BuildAsync().WaitAsync(Patience), code);

    /// <summary>Cancels the build, which returns when it has ended.</summary>
    public void Cancel() => running!.Cancel();

    public string AssertFailed(bool result, string code)
    {
        Assert.IsFalse(result, Log);
        var errors = Engine.Diagnostics.Where(line => line.StartsWith("error", StringComparison.Ordinal)).ToList();
        Assert.HasCount(1, errors, Log);
        Assert.StartsWith($"error {code} ", errors[0], Log);
        AssertNothingLeft();
        return errors[0];
    }

    /// <summary>Waits until the build says something, or has ended.</summary>
    public async Task SaysAsync(string text, Task<bool> build)
    {
        var clock = Stopwatch.StartNew();
        while (!Engine.Messages.Any(message => message.Contains(text, StringComparison.Ordinal)))
        {
            if (build.IsCompleted || clock.Elapsed > Patience) Assert.Fail($"The build never said '{text}':\n{Log}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Ends the machine of the build by force, as the kernel does where memory runs out.</summary>
    public void KillMachine()
    {
        using var machine = Process.GetProcessById(Machines().Single());
        machine.Kill();
    }

    /// <summary>No process, no port, no socket, no file but what tells of the failure.</summary>
    public void AssertNothingLeft()
    {
        Assert.IsEmpty(Machines(), "A machine runs on.");
        foreach (Match match in Ports().Matches(Log)) AssertFree(int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture));
        foreach (Match match in Sockets().Matches(Log)) Assert.IsFalse(Directory.Exists(match.Groups["folder"].Value), $"The folder of sockets '{match.Groups["folder"].Value}' is left.");
        var kept = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path))
            .Where(path => !IsExpected(path.Replace('\\', '/'))).ToList();
        Assert.IsEmpty(kept, string.Join('\n', kept));
    }

    public void AssertEvidence(string error, string console)
    {
        StringAssert.Contains(error, $"'{Screen}'");
        StringAssert.Contains(error, $"'{SerialLog}'");
        CollectionAssert.AreEqual("PNG"u8.ToArray(), File.ReadAllBytes(Screen)[1..4]);
        StringAssert.Contains(File.ReadAllText(SerialLog), console);
    }

    public void Dispose() => project.Dispose();

    /// <summary>Processes of QEMU that have this project's folder on their command line.</summary>
    private List<int> Machines()
    {
        var found = new List<int>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    var line = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/cmdline"));
                    if (line.Contains("qemu", StringComparison.Ordinal) && line.Contains(Folder, StringComparison.Ordinal)) found.Add(process.Id);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // It has ended meanwhile.
                }
            }
        }
        return found;
    }

    private static bool IsExpected(string path) => path is "app.csproj" or "secret" || path.EndsWith(".bin", StringComparison.Ordinal) || path.StartsWith("cache/", StringComparison.Ordinal)
        || path.StartsWith("obj/packer/", StringComparison.Ordinal) && KeptFiles().IsMatch(path["obj/packer/".Length..]);

    private static void AssertFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }

    [GeneratedRegex("""[A-Za-z]+=""")]
    private static partial Regex AttributeNames();

    [GeneratedRegex("""(?<name>[A-Za-z]+)="[^"]*" """)]
    private static partial Regex CommonAttributes();

    [GeneratedRegex(@"hostfwd=tcp:127\.0\.0\.1:(?<port>\d+)|by VNC at 127\.0\.0\.1:(?<port>\d+)|HTTP server on port (?<port>\d+)")]
    private static partial Regex Ports();

    [GeneratedRegex(@"-qmp unix:(?<folder>\S+)/qmp")]
    private static partial Regex Sockets();

    [GeneratedRegex(@"^(web\.(plan\.json|log|hashes|iso\.hashes|screen\.png|serial\.log|lock)|files\.hashes|[^/]*\.(lock|json))$")]
    private static partial Regex KeptFiles();
}
