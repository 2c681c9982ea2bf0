namespace Packer.Sdk.Tests.Incremental;

/// <summary>What makes an image out of date, and what does not.</summary>
[TestClass]
public sealed class UpToDateTests
{
    private const string Body = $"""
        <ItemGroup>
          <PackerImage Include="copy" Builder="file" Source="input.txt" />
          <PackerImage Include="note" Builder="file" Content="hello" />
          <PackerImage Include="scripted" Builder="null" />
          <PackerProvisioner Include="shell-local" Images="scripted" Script="script.sh" />
          {TestProject.NoteBuilds}
        </ItemGroup>
        """;

    [TestMethod]
    public async Task Only_changed_content_rebuilds_and_only_the_image_concerned()
    {
        using var project = await CreateAsync();
        await BuildsAsync(project, "copy note scripted");
        await BuildsAsync(project, "");

        foreach (var file in new[] { "input.txt", "script.sh", "app.csproj", "bin/Debug/net10.0/images/copy/input.txt", "bin/Debug/net10.0/images/copy.stamp" })
            File.SetLastWriteTimeUtc(project.PathOf(file), DateTime.UtcNow.AddHours(1));
        await BuildsAsync(project, "");

        project.Write("input.txt", "second");
        await BuildsAsync(project, "copy");
        Assert.AreEqual("second", project.Read("bin/Debug/net10.0/images/copy/input.txt"));

        project.WriteScript("script.sh", "echo more >> script-ran.txt");
        await BuildsAsync(project, "scripted");

        project.WriteProject(Body.Replace("hello", "goodbye", StringComparison.Ordinal));
        await BuildsAsync(project, "note");
        Assert.AreEqual("goodbye", await File.ReadAllTextAsync(project.ImageFile("note")));

        await BuildsAsync(project, "");
    }

    [TestMethod]
    public async Task The_same_size_and_time_with_other_bytes_counts_as_changed()
    {
        using var project = await CreateAsync();
        var old = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(project.PathOf("input.txt"), old);
        await BuildsAsync(project, "copy note scripted");

        project.Write("input.txt", "FIRST");
        await BuildsAsync(project, "copy");
    }

    [TestMethod]
    public async Task An_output_that_is_not_what_was_written_is_built_again()
    {
        using var project = await CreateAsync();
        await BuildsAsync(project, "copy note scripted");

        File.Delete(project.ImageFile("note"));
        await BuildsAsync(project, "note");

        await File.WriteAllTextAsync(project.ImageFile("note"), "HELLO");
        await BuildsAsync(project, "note");
        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));

        Directory.Delete(project.PathOf("bin/Debug/net10.0/images/note"), recursive: true);
        await BuildsAsync(project, "note");

        File.Delete(project.PathOf("bin/Debug/net10.0/images/note.stamp"));
        await BuildsAsync(project, "note");

        project.Write("bin/Debug/net10.0/images/note.stamp", "{ \"schema\": 1, \"build_h");
        await BuildsAsync(project, "note");

        // What is remembered about files is only a shortcut.
        Directory.Delete(project.PathOf("obj/Debug/net10.0/packer"), recursive: true);
        await BuildsAsync(project, "");
    }

    [TestMethod]
    public async Task A_moved_project_is_up_to_date()
    {
        using var project = await CreateAsync();
        await BuildsAsync(project, "copy note scripted");

        using var moved = await TestProject.CreateEmptyAsync();
        foreach (var file in Directory.GetFiles(project.Folder, "*", SearchOption.AllDirectories))
        {
            var target = moved.PathOf(Path.GetRelativePath(project.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
        await BuildsAsync(moved, "");
    }

    [TestMethod]
    public async Task A_property_rebuilds_the_images_that_have_its_key()
    {
        using var project = await TestProject.CreateAsync($"""
            <PropertyGroup><PackerNote>one</PackerNote></PropertyGroup>
            <ItemGroup>
              <PackerPlugin Include="{Repository.TestPlugin}" />
              <PackerImage Include="a" Builder="typed" />
              <PackerImage Include="b" Builder="typed" Note="own" />
              <PackerImage Include="c" Builder="file" Content="c" />
              {TestProject.NoteBuilds}
            </ItemGroup>
            """);
        await BuildsAsync(project, "a b c");
        await BuildsAsync(project, "a b", "-p:PackerCount=2");
        await BuildsAsync(project, "", "-p:PackerCount=2");
        // A key that is no part of the image changes nothing.
        await BuildsAsync(project, "", "-p:PackerCount=2", "-p:PackerWait=7s");
        await BuildsAsync(project, "a b", "-p:PackerWait=7s");
    }

    [TestMethod]
    public async Task Force_only_and_except_choose_the_images()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerImage Include="base;web-1;web-2;db" Builder="file" Content="x" />
              <PackerImage Include="app" Builder="file" Content="x" DependsOn="base" />
              {TestProject.NoteBuilds}
            </ItemGroup>
            """);
        await BuildsAsync(project, "web-1 web-2", "-p:PackerOnly=web-*");
        await BuildsAsync(project, "app base", "-p:PackerOnly=APP");
        await BuildsAsync(project, "", "-p:PackerExcept=db%3Bweb-?");
        await BuildsAsync(project, "db");
        await BuildsAsync(project, "db web-1 web-2", "-p:PackerForce=true", "-p:PackerExcept=base%3Bapp");
        await BuildsAsync(project, "app", "-p:PackerForce=true", "-p:PackerOnly=app");
        await BuildsAsync(project, "app base db web-1 web-2", "-p:PackerForce=true");
    }

    [TestMethod]
    public async Task Clean_removes_and_rebuild_builds_again()
    {
        using var project = await CreateAsync();
        project.Write("bin/Debug/net10.0/images/foreign.txt", "not ours");
        await project.BuildCleanlyAsync();
        Assert.AreEqual("copy note scripted", project.TakeBuilt());

        await project.BuildCleanlyAsync("--no-restore", "-t:Rebuild");
        Assert.AreEqual("copy note scripted", project.TakeBuilt());

        await project.BuildCleanlyAsync("--no-restore", "-t:Rebuild", "-p:PackerKeepImagesOnClean=true");
        Assert.AreEqual("", project.TakeBuilt());

        (await project.RunAsync("clean", "-p:PackerOnly=note")).AssertSucceeded().AssertNoWarnings();
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/images/note"));
        Assert.IsTrue(project.Exists("bin/Debug/net10.0/images/copy/input.txt"));

        (await project.RunAsync("clean")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("foreign.txt", string.Join(' ', Directory.GetFileSystemEntries(project.PathOf("bin/Debug/net10.0/images")).Select(Path.GetFileName).Where(name => !name!.EndsWith(".lock", StringComparison.Ordinal))));
        Assert.IsTrue(project.Exists("input.txt"));

        (await project.RunAsync("clean")).AssertSucceeded().AssertNoWarnings();
    }

    [TestMethod]
    public async Task A_changed_post_processor_runs_alone()
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup>
              <PackerImage Include="note" Builder="file" Content="hello" />
              <PackerPostProcessor Include="checksum" Types="sha256" />
            </ItemGroup>
            """);
        (await project.BuildImagesAsync("-v:n")).AssertSucceeded().AssertContains("Wrote 'note'.");
        project.Write("app.csproj", project.Read("app.csproj").Replace("sha256", "sha512", StringComparison.Ordinal));
        (await project.BuildImagesAsync("-v:n")).AssertSucceeded().AssertDoesNotContain("Wrote 'note'.").AssertContains("its post-processors changed");
        Assert.IsTrue(project.Exists("bin/Debug/net10.0/images/note/packer_note_file_sha512.checksum"));
    }

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync(Body);
        project.Write("input.txt", "first");
        project.WriteScript("script.sh", "echo once >> script-ran.txt");
        return project;
    }

    private static async Task BuildsAsync(TestProject project, string expected, params string[] arguments)
    {
        var output = (await project.BuildImagesAsync(arguments)).AssertSucceeded().AssertNoWarnings();
        output.AssertEqual(expected, project.TakeBuilt(), "The images that were built:");
    }
}
