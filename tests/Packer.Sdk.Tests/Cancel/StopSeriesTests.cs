using System.Diagnostics;
using System.Security.Cryptography;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>
/// Stops builds at random moments. Afterwards nothing is left, and the next build makes exactly the right images. The images are files with real
/// content, one needs another, one is compressed, one starts programs, and each round's sources differ, so that the images of the round before are replaced.
/// </summary>
[TestClass]
[TestCategory("Cancel")]
[OSCondition(OperatingSystems.Linux)]
[DoNotParallelize]
public sealed class StopSeriesTests
{
    private const int Seed = 20260921;
    private const int Variants = 2;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("INT")]
    [DataRow("TERM")]
    [DataRow("KILL")]
    public Task A_few_random_moments(string signal) => SeriesAsync(signal, 3);

    [TestMethod]
    [TestCategory("Soak")]
    public Task Twenty_interrupts() => SeriesAsync("INT", 20);

    [TestMethod]
    [TestCategory("Soak")]
    public Task Twenty_terminations() => SeriesAsync("TERM", 20);

    [TestMethod]
    [TestCategory("Soak")]
    public Task Twenty_kills() => SeriesAsync("KILL", 20);

    private async Task SeriesAsync(string signal, int rounds)
    {
        var random = new Random(Seed + signal[0] + rounds);
        using var series = await SeriesProject.CreateAsync();
        var duration = await series.BuildCleanlyAsync(0);
        await series.BuildCleanlyAsync(1);
        var interrupted = 0;
        var inImages = 0;
        for (var round = 0; round < rounds; round++)
        {
            var variant = round % Variants;
            series.UseSources(variant);
            using var command = series.Start();
            // Half of the moments lie anywhere, half where the images are being built.
            if (random.Next(2) == 0) await Task.Delay(random.Next((int)duration.TotalMilliseconds), TestContext.CancellationToken);
            else
            {
                await series.WaitForImagesAsync(command);
                await Task.Delay(random.Next(1, 900), TestContext.CancellationToken);
            }
            var images = series.IsBuilding;
            if (signal == "INT") Signals.SendToGroup(signal, command.Process.Id);
            else Signals.Send(signal, command.Process.Id);
            var output = await command.WaitAsync();
            var where = $"Round {round}, seed {Seed}:";
            var completed = output.Text.Contains("Build succeeded", StringComparison.Ordinal);
            if (!completed) interrupted++;
            if (!completed && images) inImages++;
            if (signal == "INT") output.Assert(completed || output.ExitCode != 0, $"{where} the exit code is 0 after Ctrl-C.");
            if (signal != "KILL")
            {
                await series.AssertNothingLeftAsync(output, where);
            }
            await series.AssertNextBuildIsRightAsync(variant, where);
        }
        TestContext.WriteLine($"SIG{signal}: {rounds} rounds, {interrupted} builds interrupted, {inImages} of them while images were built, {series.Cancelled} while a builder's programs ran and it was told.");
        Assert.IsGreaterThan(0, interrupted);
    }

    /// <summary>A project with images of several kinds.</summary>
    private sealed class SeriesProject : IDisposable
    {
        private const int BigFileLength = 24 << 20;

        private readonly TestProject project;
        private readonly Dictionary<int, string> expected = [];

        private SeriesProject(TestProject project) => this.project = project;

        public MarkedProcesses Processes { get; } = new();

        public bool IsBuilding => Locks().Any();

        /// <summary>How many times the builder that starts programs was told to stop.</summary>
        public int Cancelled => project.Lines("slow.events").Count(line => line.EndsWith(" cancelled", StringComparison.Ordinal));

        public static async Task<SeriesProject> CreateAsync()
        {
            var project = await TestProject.CreateEmptyAsync();
            var series = new SeriesProject(project);
            project.Environment[MarkedProcesses.Variable] = series.Processes.Mark;
            project.Write("release", "");
            for (var variant = 0; variant < Variants; variant++)
            {
                var content = new byte[BigFileLength];
                new Random(variant).NextBytes(content);
                await File.WriteAllBytesAsync(project.PathOf($"source.{variant}"), content);
            }
            return series;
        }

        /// <summary>Writes the project so that every image differs from the variant before.</summary>
        public void UseSources(int variant) => project.Write("app.proj", $$$$"""
            <Project DefaultTargets="Build">
              {{{{project.SdkElement}}}}
              <PropertyGroup>
                <OutputPath>bin/</OutputPath>
                <IntermediateOutputPath>obj/</IntermediateOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <PackerPlugin Include="{{{{Repository.TestPlugin}}}}" />
                <PackerImage Include="slow" Builder="slow" Events="{{{{project.Folder}}}}" Release="{{{{project.PathOf("release")}}}}" WorkTime="700ms" CleanUpTime="{{{{variant + 1}}}}00ms" />
                <PackerImage Include="big" Builder="file" Source="source.{{{{variant}}}}" TargetFile="big.img" />
                <PackerImage Include="copy" Builder="file" Source="bin/images/big/big.img" DependsOn="big" />
                <PackerImage Include="text" Builder="file" Content="variant {{{{variant}}}}" />
                <PackerPostProcessor Include="checksum" ChecksumTypes="sha256" Images="big;text" />
                <PackerPostProcessor Include="compress" OutputFile="big.img.xz" CompressionLevel="1" KeepInputArtifact="true" Images="big" Sequence="compress" />
              </ItemGroup>
              <Target Name="Build" />
            </Project>
            """);

        /// <summary>Builds from nothing and remembers what there is then. Returns how long it took.</summary>
        public async Task<TimeSpan> BuildCleanlyAsync(int variant)
        {
            foreach (var folder in new[] { "bin", "obj" })
                if (project.Exists(folder)) Directory.Delete(project.PathOf(folder), recursive: true);
            UseSources(variant);
            var clock = Stopwatch.StartNew();
            await BuildToEndAsync("The clean build");
            expected[variant] = await FingerprintAsync();
            return clock.Elapsed;
        }

        public RunningCommand Start()
        {
            var start = DotNet.StartInfo(project.Folder, ["env", "--default-signal", "dotnet", .. SlowProject.Build()], project.Environment);
            start.FileName = "setsid";
            return new RunningCommand(start);
        }

        public Task WaitForImagesAsync(RunningCommand command) => SlowProject.WaitForAsync(() => IsBuilding || command.Process.HasExited, "an image is being built", command);

        public async Task AssertNextBuildIsRightAsync(int variant, string where)
        {
            await BuildToEndAsync(where);
            Assert.AreEqual(expected[variant], await FingerprintAsync(), where);
        }

        /// <summary>
        /// Waits for the end of all that was started. Only nodes of MSBuild may stay: one whose entry process ends before it has connected
        /// waits for another (15 minutes), holding nothing of ours. They are ended here.
        /// </summary>
        public async Task AssertNothingLeftAsync(BuildOutput output, string where)
        {
            await Processes.WaitForEndAsync(butNodes: true);
            var clock = Stopwatch.StartNew();
            while (Left().Count > 0 && clock.Elapsed < TimeSpan.FromSeconds(60)) await Task.Delay(20);
            output.AssertEqual("", string.Join(", ", Left()), $"{where} something is left.");
            Processes.End();
        }

        /// <summary>What belongs to a running build only. The short-lived files of the planner are overwritten by nobody, and counted as well.</summary>
        public IReadOnlyList<string> Left()
        {
            string[] endings = [".lock", ".partial", ".old", ".processes", ".tmp", ".secrets"];
            return [.. Directory.EnumerateFileSystemEntries(project.Folder, "*", SearchOption.AllDirectories)
                .Where(path => !path.StartsWith(project.PathOf("cache"), StringComparison.Ordinal) && endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))];
        }

        public void Dispose()
        {
            Processes.End();
            project.Dispose();
        }

        private IEnumerable<string> Locks() => project.Exists("bin/images") ? Directory.EnumerateFiles(project.PathOf("bin/images"), "*.lock") : [];

        private async Task BuildToEndAsync(string where)
        {
            using var command = Start();
            var output = await command.WaitAsync();
            output.Assert(output.ExitCode == 0, $"{where} the build failed.");
            output.AssertNoWarnings();
            await AssertNothingLeftAsync(output, where);
        }

        /// <summary>Path and SHA-256 of every file below the images' folders, the stamps too; not of the report, which tells the time.</summary>
        private async Task<string> FingerprintAsync()
        {
            var lines = new List<string>();
            var images = project.PathOf("bin/images");
            foreach (var path in Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ("report.json" or "report.html")).Order(StringComparer.Ordinal))
            {
                await using var stream = File.OpenRead(path);
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
                lines.Add($"{Path.GetRelativePath(images, path)} {hash}");
            }
            return string.Join('\n', lines);
        }
    }
}
