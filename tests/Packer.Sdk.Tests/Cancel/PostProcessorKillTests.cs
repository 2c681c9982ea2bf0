using System.Globalization;
using Packer.Tests.PostProcessors;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>
/// Kills builds while a post-processor works. Nothing that is half made is taken for finished then, the next build goes on from what the builder made, and
/// its result is that of a build that nobody has disturbed.
/// </summary>
[TestClass]
[TestCategory("Cancel")]
[TestCategory("Rig")]
[OSCondition(OperatingSystems.Linux)]
[DoNotParallelize]
public sealed class PostProcessorKillTests
{
    private const int Seed = 20261123;
    private const int SoakRounds = 20;

    /// <summary>Later than this the work may be done: no two builds take the same time.</summary>
    private const double PartOfTime = 0.8;

    private const double EarlyPartOfTime = 0.2;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_kill_while_each_of_them_works()
    {
        await using var registry = await RegistryRig.StartAsync();
        using var project = await KillProject.CreateAsync(registry, variants: 1, megabytes: 32);
        await project.LearnAsync();
        var random = new Random(Seed);
        var killed = new HashSet<string>(StringComparer.Ordinal);
        // Two at a time, side by side, which also saves time; one that has ended before the other began is killed alone.
        foreach (var images in KillProject.Images.Chunk(2)) killed.UnionWith(await RoundAsync(project, images, 0, PartOfTime, random));
        foreach (var image in KillProject.Images.Where(image => !killed.Contains(image)).ToList()) killed.UnionWith(await RoundAsync(project, [image], 0, EarlyPartOfTime, random));
        TestContext.WriteLine($"Killed while they worked: {string.Join(", ", killed)}.");
        Assert.IsGreaterThan(KillProject.Images.Count / 2, killed.Count);
    }

    [TestMethod]
    [TestCategory("Soak")]
    [DataRow("manifest")]
    [DataRow("checksum")]
    [DataRow("compress")]
    [DataRow("convert")]
    [DataRow("vagrant")]
    [DataRow("oci")]
    [DataRow("shell-local")]
    [DataRow("artifice")]
    public async Task Twenty_kills(string image)
    {
        await using var registry = await RegistryRig.StartAsync();
        using var project = await KillProject.CreateAsync(registry, variants: 2, megabytes: 48);
        await project.LearnAsync(image);
        var random = new Random(Seed + image.Length);
        var hits = 0;
        for (var round = 0; round < SoakRounds; round++) hits += (await RoundAsync(project, [image], round % 2, PartOfTime, random)).Count;
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{image}: {SoakRounds} rounds, {hits} builds killed while the post-processor worked ({project.TimeOf(image).TotalMilliseconds:0} ms undisturbed); all results right."));
        Assert.IsGreaterThan(SoakRounds / 2, hits);
    }

    /// <summary>Kills a build, and looks at what is there then and after the next one. Returns the images whose post-processors it met.</summary>
    private async Task<IReadOnlyList<string>> RoundAsync(KillProject project, string[] images, int variant, double partOfTime, Random random)
    {
        var where = $"{string.Join(" and ", images)}, variant {variant}, seed {Seed}:";
        foreach (var image in images) await project.PrepareAsync(image, variant);
        using var command = project.Start(images);
        foreach (var image in images) await project.WaitForBuilderAsync(image, command);
        await Task.Delay(random.Next(Math.Max(1, (int)(images.Min(image => project.TimeOf(image).TotalMilliseconds) * partOfTime))), TestContext.CancellationToken);
        Signals.SendToGroup("KILL", command.Process.Id);
        var output = await command.WaitAsync();
        var cut = images.Where(project.IsCut).ToList();
        foreach (var image in cut) project.AssertNothingIsHalf(image, variant, output, where);
        await project.AssertNextBuildIsRightAsync(images, cut, variant, where);
        return cut;
    }
}
