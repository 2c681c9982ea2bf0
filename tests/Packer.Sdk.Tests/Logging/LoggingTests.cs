using System.IO.Compression;
using System.Text;

namespace Packer.Sdk.Tests.Logging;

/// <summary>What a build says, and what it must not say.</summary>
[TestClass]
public sealed class LoggingTests
{
    private const string Password = "pä55+wörd/ with spaces";

    [TestMethod]
    public async Task Lines_have_the_name_of_the_image_when_more_than_one_is_built()
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup>
              <PackerImage Include="one;two" Builder="file" Content="x" />
              <PackerPostProcessor Include="shell-local" Inline="echo from the script" />
            </ItemGroup>
            """);
        var both = (await project.BuildImagesAsync("-v:n", "-m:2")).AssertSucceeded().AssertNoWarnings();
        both.AssertContains("one: from the script").AssertContains("two: from the script").AssertContains("one: Wrote 'one'.");
        both.AssertContains($"packer -> {project.ImageFile("one")}").AssertContains($"packer -> {project.ImageFile("two")}");

        File.Delete(project.ImageFile("one"));
        (await project.BuildImagesAsync("-v:n")).AssertSucceeded().AssertContains("from the script").AssertDoesNotContain("one: ");

        // Say is shown where little is shown, Message is not.
        File.Delete(project.ImageFile("one"));
        (await project.BuildImagesAsync("-v:m")).AssertSucceeded().AssertContains("Running local shell script").AssertContains("packer -> ").AssertDoesNotContain("from the script");
        // And where nothing is to be shown, nothing is.
        File.Delete(project.ImageFile("one"));
        (await project.BuildImagesAsync("-v:q")).AssertSucceeded().AssertDoesNotContain("Running local").AssertDoesNotContain("packer -> ");
        (await project.BuildImagesAsync("-v:n", "-p:PackerForce=true", "-p:PackerOnly=one")).AssertSucceeded().AssertDoesNotContain("artifact-count");
        (await project.BuildImagesAsync("-v:d", "-p:PackerForce=true", "-p:PackerOnly=one")).AssertSucceeded().AssertContains(",one,artifact-count,1");
    }

    [TestMethod]
    public async Task Logs_hold_no_control_characters()
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup>
              <PackerImage Include="one" Builder="file" Content="x" />
              <PackerPostProcessor Include="shell-local" Script="colours.sh" />
            </ItemGroup>
            """);
        project.WriteScript("colours.sh", """printf '\033[31mred\033[0m 10%%\r20%%\rdone\007\n\033]0;title\007titled\n'""");
        var output = (await project.BuildImagesAsync("-v:d", "-flp:logfile=file.log;verbosity=diagnostic")).AssertSucceeded();
        foreach (var text in new[] { output.Text, project.Read("file.log"), project.Read("obj/Debug/net10.0/packer/one.log") })
        {
            StringAssert.Contains(text, "done");
            StringAssert.Contains(text, "titled");
            Assert.IsFalse(text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')), "A control character in: " + text);
        }
    }

    [TestMethod]
    public async Task An_error_names_the_log_and_stops_no_other_image()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerImage Include="good" Builder="null" />
              <PackerImage Include="bad" Builder="null" />
              <PackerImage Include="fine" Builder="null" />
              <PackerProvisioner Include="shell-local" Images="bad" Inline="echo what went wrong; exit 7" />
              {TestProject.NoteBuilds}
            </ItemGroup>
            """);
        foreach (var argument in new[] { "-m:1", "-m:3" })
        {
            var output = await project.BuildImagesAsync(argument, "-p:PackerForce=true");
            output.AssertEqual(1, output.ExitCode, "The exit code:");
            var error = output.AssertOnlyError("PKR0403");
            StringAssert.StartsWith(error.Text, "bad: Image 'bad': The script '");
            StringAssert.Contains(error.Text, "ended with exit code 7; allowed are 0.");
            var log = project.PathOf("obj/Debug/net10.0/packer/bad.log");
            StringAssert.EndsWith(error.Text, $"The full log is in '{log}'.");
            StringAssert.Contains(await File.ReadAllTextAsync(log), "what went wrong");
            Assert.AreEqual(project.PathOf("app.csproj"), error.File);
            Assert.AreEqual(9, error.Line);
            Assert.AreEqual("fine good", project.TakeBuilt());
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_secret_appears_in_no_log(bool fails)
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerPlugin Include="{Repository.TestPlugin}" />
              <PackerImage Include="secretive" Builder="teller" Password="env:TELLER_PASSWORD" Fail="{fails}" />
              <PackerImage Include="filed" Builder="teller" Password="file:secret.txt" />
              <PackerPostProcessor Include="manifest" />
            </ItemGroup>
            """);
        project.Write("secret.txt", Password + "\n");
        project.Environment["TELLER_PASSWORD"] = Password;
        var output = await project.BuildWithBinaryLogAsync("-t:PackerBuild", "--no-restore", "-v:diag", "-m:2", "-flp:logfile=file.log;verbosity=diagnostic");
        if (fails) output.AssertOnlyError("PKR0102");
        else output.AssertSucceeded();
        output.AssertContains("said <sensitive>");

        var forms = Forms(Password).ToList();
        var places = new Dictionary<string, byte[]>
        {
            ["the console"] = Encoding.UTF8.GetBytes(output.Text),
            ["the binary log"] = Decompress(output.BinaryLog!),
        };
        foreach (var file in Directory.GetFiles(project.Folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) != "secret.txt" && Path.GetExtension(file) != ".binlog") places[file] = await File.ReadAllBytesAsync(file);
        }
        foreach (var (place, bytes) in places)
            foreach (var form in forms)
                Assert.IsLessThan(0, bytes.AsSpan().IndexOf(form), $"{place} holds the secret as {Encoding.UTF8.GetString(form)}");
    }

    [TestMethod]
    public async Task A_literal_secret_is_warned_of_and_shown_no_more_than_the_project_shows_it()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerPlugin Include="{Repository.TestPlugin}" />
              <PackerImage Include="open" Builder="teller" Password="literal-password" />
            </ItemGroup>
            """);
        var output = (await project.BuildImagesAsync("-v:n", "-m:2")).AssertSucceeded();
        var warning = output.AssertHas("PKR0016");
        Assert.AreEqual(9, warning.Line);
        output.AssertDoesNotContain("literal-password");
        foreach (var file in Directory.GetFiles(project.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "app.csproj"))
            Assert.IsLessThan(0, (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("literal-password"u8), $"'{file}' holds the secret.");
    }

    private static IEnumerable<byte[]> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        yield return Encoding.UTF8.GetBytes(Uri.EscapeDataString(secret));
        yield return Encoding.UTF8.GetBytes(Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal));
        yield return Encoding.UTF8.GetBytes(Convert.ToBase64String(bytes));
        yield return Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + secret)));
    }

    private static byte[] Decompress(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
