using System.Diagnostics;
using System.Security.Cryptography;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>
/// Stops builds at random moments. Afterwards nothing is left, and the next build makes exactly the right images. The images are files with real
/// content, one needs another, one starts programs, and each round's sources differ, so that the images of the round before are replaced.
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
    [DataRow("INT")]
    [DataRow("TERM")]
    [DataRow("KILL")]
    public Task Many_random_moments(string signal) => SeriesAsync(signal, 20);

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
                await series.Processes.WaitForEndAsync();
                output.AssertEqual("", string.Join(", ", series.Left()), $"{where} something is left.");
            }
            await series.AssertNextBuildIsRightAsync(variant, where);
        }
        TestContext.WriteLine($"SIG{signal}: {rounds} rounds, {interrupted} builds interrupted, {inImages} of them while images were built.");
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
                <PackerImage Include="big" Builder="file" Source="source.{{{{variant}}}}" TargetFile="big.img" />
                <PackerImage Include="copy" Builder="file" Source="bin/images/big/big.img" DependsOn="big" />
                <PackerImage Include="text" Builder="file" Content="variant {{{{variant}}}}" />
                <PackerImage Include="slow" Builder="slow" Events="{{{{project.Folder}}}}" Release="{{{{project.PathOf("release")}}}}" CleanUpTime="{{{{variant + 1}}}}00ms" />
                <PackerPostProcessor Include="checksum" ChecksumTypes="sha256" Images="big;text" />
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
            var start = DotNet.StartInfo(project.Folder, ["dotnet", .. SlowProject.Build()], project.Environment);
            start.FileName = "setsid";
            return new RunningCommand(start);
        }

        public Task WaitForImagesAsync(RunningCommand command) => SlowProject.WaitForAsync(() => IsBuilding || command.Process.HasExited, "an image is being built", command);

        public async Task AssertNextBuildIsRightAsync(int variant, string where)
        {
            await BuildToEndAsync(where);
            Assert.AreEqual(expected[variant], await FingerprintAsync(), where);
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
            await Processes.WaitForEndAsync();
            output.AssertEqual("", string.Join(", ", Left()), $"{where} something is left after the build.");
        }

        /// <summary>Path and SHA-256 of every file below the images' folders, the stamps too.</summary>
        private async Task<string> FingerprintAsync()
        {
            var lines = new List<string>();
            var images = project.PathOf("bin/images");
            foreach (var path in Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                await using var stream = File.OpenRead(path);
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
                lines.Add($"{Path.GetRelativePath(images, path)} {hash}");
            }
            return string.Join('\n', lines);
        }
    }
}
