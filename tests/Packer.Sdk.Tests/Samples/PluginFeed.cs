namespace Packer.Sdk.Tests.Samples;

/// <summary>A feed beside a test project, for the packages that the test packs itself; its cache goes with the project.</summary>
internal sealed class PluginFeed
{
    private readonly TestProject project;

    private PluginFeed(TestProject project) => this.project = project;

    private string Folder => project.PathOf("feed");

    /// <summary>Adds a feed to what the project restores from.</summary>
    public static async Task<PluginFeed> AddToAsync(TestProject project)
    {
        var sdk = await PackedSdk.GetAsync();
        var feed = new PluginFeed(project);
        Directory.CreateDirectory(feed.Folder);
        var config = sdk with { PackagesFolder = project.PathOf("packages") };
        project.Write("nuget.config", config.NuGetConfig.Replace("</packageSources>", $"<add key=\"test-own\" value=\"{feed.Folder}\" /></packageSources>", StringComparison.Ordinal));
        return feed;
    }

    /// <summary>Packs a project, given by its path below the folder of the test project, into the feed.</summary>
    public async Task PackAsync(string path) =>
        (await project.RunAsync("pack", path, "-o", Folder)).AssertSucceeded().AssertNoWarnings();

    /// <summary>Full path of a package.</summary>
    public string PathOf(string id, string version) => Path.Combine(Folder, $"{id}.{version}.nupkg");
}
