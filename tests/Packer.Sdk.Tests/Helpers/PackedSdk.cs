using System.Security.Cryptography;
using System.Text;

namespace Packer.Sdk.Tests;

/// <summary>
/// The packages as users get them, packed once from what was built. The version names their content, so that a package that NuGet has unpacked
/// before is never a stale one; and NuGet unpacks them in a folder of the tests' own, while all other packages are read where the user has them.
/// </summary>
internal sealed record PackedSdk(string Version, string Feed, string PackagesFolder, string FallbackFolder)
{
    private static readonly Lazy<Task<PackedSdk>> Packed = new(PackAsync);

    /// <summary>Packs, at the first call of the test run; later calls get the same.</summary>
    public static Task<PackedSdk> GetAsync() => Packed.Value;

    /// <summary>The text of a nuget.config that finds the packages.</summary>
    public string NuGetConfig => $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{PackagesFolder}" /></config>
          <fallbackPackageFolders><add key="user" value="{FallbackFolder}" /></fallbackPackageFolders>
          <packageSources><add key="packer-test" value="{Feed}" /></packageSources>
        </configuration>
        """;

    private static async Task<PackedSdk> PackAsync()
    {
        var artifacts = Repository.FullPath("artifacts");
        Directory.CreateDirectory(artifacts);
        await using var held = await ExclusiveFile.AcquireAsync(Path.Combine(artifacts, "test-feed.lock"));
        var version = $"0.1.0-test.h{HashOfContent()}";
        var feed = Path.Combine(artifacts, "test-feed", version);
        var packages = Path.Combine(artifacts, "test-packages");
        if (!File.Exists(Path.Combine(feed, "done")))
        {
            // What older sources gave is of no use any more.
            foreach (var stale in Folders(Path.Combine(artifacts, "test-feed")).Concat(Folders(Path.Combine(packages, "packer.sdk"))).Concat(Folders(Path.Combine(packages, "packer.build.tasks"))))
                if (Directory.GetLastWriteTimeUtc(stale) < DateTime.UtcNow.AddHours(-6)) Directory.Delete(stale, recursive: true);
            foreach (var project in new[] { "Packer.Build.Tasks", "Packer.Sdk" })
            {
                var output = await DotNet.RunAsync(Repository.Root, ["pack", Repository.FullPath("src", project), "--no-build", "-c", Repository.Configuration, "-o", feed, $"-p:Version={version}", "-nologo", "-tl:off", "-v:m"]);
                output.AssertSucceeded();
            }
            await File.WriteAllTextAsync(Path.Combine(feed, "done"), "");
        }
        var user = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own ? own : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(user);
        return new PackedSdk(version, feed, packages, user);
    }

    private static string HashOfContent()
    {
        var sdk = Repository.FullPath("src", "Packer.Sdk");
        var sources = new[] { "Sdk", "build", "buildMultiTargeting", "targets", "schemas" }.SelectMany(folder => Directory.GetFiles(Path.Combine(sdk, folder), "*", SearchOption.AllDirectories))
            .Append(Path.Combine(sdk, "Packer.Sdk.csproj"))
            .Concat(Directory.GetFiles(Repository.FullPath("src", "Packer.Build.Tasks", "build")))
            .Append(Repository.FullPath("src", "Packer.Build.Tasks", "Packer.Build.Tasks.csproj"))
            .Append(Repository.FullPath("src", "Packer.Build.Tasks", "bin", Repository.Configuration, "net10.0", "Packer.Build.Tasks.dll"));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in sources.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            hash.AppendData(File.ReadAllBytes(path));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    private static string[] Folders(string path) => Directory.Exists(path) ? Directory.GetDirectories(path) : [];
}
