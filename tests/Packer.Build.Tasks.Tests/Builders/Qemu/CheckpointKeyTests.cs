using Packer.Builders.Qemu.Checkpoints;
using Packer.Engine.Planning;
using Packer.Tests.Tasks;

namespace Packer.Tests.Builders.Qemu;

/// <summary>What changes the keys of checkpoints, and what does not.</summary>
[TestClass]
public sealed class CheckpointKeyTests
{
    private const string Shell = """<PackerProvisioner Include="shell" Script="first.sh" />""";
    private const string File1 = """<PackerProvisioner Include="file" Source="upload.txt" Destination="/tmp/" />""";
    private const string Inline = """<PackerProvisioner Include="shell" Inline="true" />""";

    private static readonly string[] Steps = [Shell, File1, Inline];
    private static readonly string[] Facts = ["program /bin/qemu 1 2"];

    [TestMethod]
    public void The_same_project_elsewhere_has_the_same_keys()
    {
        var keys = Keys("", Steps);
        Assert.HasCount(4, keys);
        Assert.HasCount(4, keys.Distinct().ToList());
        CollectionAssert.AreEqual(keys, Keys("", Steps));
    }

    [TestMethod]
    [DataRow("SshTimeout='9m' SshPassword='env:NOTHING' Headless='true' BootWait='3s' HostPortMin='3000' Checkpoints='none' Accelerator='tcg'", DisplayName = "what is not part of the image")]
    [DataRow("ShutdownCommand='halt' DiskCompression='true' SkipCompaction='true' VmName='vm' SshClearAuthorizedKeys='true' Format='raw'", DisplayName = "what counts after the provisioners")]
    [DataRow("IsoChecksum='sha256:0000000000000000000000000000000000000000000000000000000000000000' IsoUrl='https://mirror.example/b.iso'", DisplayName = "where the ISO comes from")]
    public void These_settings_change_no_key(string settings)
    {
        settings = settings.Contains("Format", StringComparison.Ordinal) ? settings.Replace("DiskCompression='true' ", "", StringComparison.Ordinal) : settings;
        CollectionAssert.AreEqual(Keys("", Steps), Keys(settings, Steps));
    }

    [TestMethod]
    [DataRow("Memory='1024'")]
    [DataRow("BootCommand='x'")]
    [DataRow("HttpContent='/a=b'")]
    [DataRow("CdContent='/a=b'")]
    [DataRow("DiskSize='2G'")]
    [DataRow("MachineType='q35'")]
    [DataRow("""QemuArgs='[["-cpu","max"]]'""")]
    [DataRow("SshUsername='other'")]
    public void These_settings_change_every_key(string settings) => AssertChangedFrom(0, Keys(settings, Steps));

    [TestMethod]
    public void A_file_changes_the_keys_from_the_provisioner_that_reads_it()
    {
        AssertChangedFrom(0, Keys("", Steps, ("http/answers.txt", "other")));
        AssertChangedFrom(1, Keys("", Steps, ("first.sh", "other")));
        AssertChangedFrom(2, Keys("", Steps, ("upload.txt", "other")));
        AssertChangedFrom(4, Keys("", Steps, ("unread.txt", "other")));
    }

    [TestMethod]
    public void A_provisioner_changes_the_keys_from_itself()
    {
        AssertChangedFrom(3, Keys("", [Shell, File1, Inline.Replace("true", "false", StringComparison.Ordinal)]));
        AssertChangedFrom(1, Keys("", [File1, Shell, Inline]));
        AssertChangedFrom(2, Keys("", [Shell, Inline, File1]));
        AssertChangedFrom(2, Keys("", [Shell]));
        // How it is run makes no difference, nor what runs after a failure alone.
        AssertChangedFrom(4, Keys("", [Shell, File1.Replace("/>", "MaxRetries='3' Timeout='1m' PauseBefore='1s' />", StringComparison.Ordinal), Inline]));
        AssertChangedFrom(4, Keys("", [Inline.Replace("/>", "Cleanup='true' />", StringComparison.Ordinal), Shell, File1, Inline]));
    }

    [TestMethod]
    public void No_point_lies_after_a_provisioner_that_always_runs()
    {
        AssertChangedFrom(2, Keys("", [Shell, File1.Replace("/>", "Always='true' />", StringComparison.Ordinal), Inline]));
        Assert.HasCount(2, Keys("", [Shell, File1.Replace("/>", "Always='true' />", StringComparison.Ordinal), Inline]));
        // It reads what an earlier step makes, of which nothing is known.
        Assert.HasCount(2, Keys("", [Shell, File1.Replace("/>", "Generated='true' />", StringComparison.Ordinal), Inline]));
        Assert.HasCount(1, Keys("", ["""<PackerProvisioner Include="breakpoint" />""", Inline]));
        Assert.HasCount(3, Keys("", ["""<PackerProvisioner Include="breakpoint" Disable="true" />""", Inline]));
    }

    [TestMethod]
    public void The_level_the_facts_and_the_name_count()
    {
        var chain = Chain("", Steps);
        var all = CheckpointKeys.Create("all", "web", chain, Facts);
        Assert.AreEqual(all[0], CheckpointKeys.Create("install", "web", chain, Facts).Single());
        Assert.IsEmpty(all.Select(point => point.Key).Intersect(CheckpointKeys.Create("all", "web", chain, ["program /bin/qemu 1 3"]).Select(point => point.Key)).ToList());
        // Two images can begin alike; a provisioner is told the name of its own.
        var db = CheckpointKeys.Create("all", "db", chain, Facts);
        Assert.AreEqual(all[0].Key, db[0].Key);
        Assert.AreNotEqual(all[1].Key, db[1].Key);
        Assert.AreEqual("after provisioner 2 of 3 (file)", all[2].Description);
        // The end of one line is never the beginning of the next.
        Assert.AreNotEqual(CheckpointKeys.Create("install", "web", chain, ["a", "bc"])[0].Key, CheckpointKeys.Create("install", "web", chain, ["ab", "c"])[0].Key);
    }

    [TestMethod]
    [DataRow("20 apples", false)]
    [DataRow("2G", true)]
    public void The_limit_is_a_size(string limit, bool isOne)
    {
        using var project = new TaskProject($"{Image("")}\n");
        Prepare(project);
        var plan = project.Plan();
        plan.CheckpointLimit = limit;
        Assert.AreEqual(isOne, plan.Execute());
        if (!isOne) Assert.Contains(line => line.Contains("PackerCheckpointLimit", StringComparison.Ordinal), project.Engine.Diagnostics);
        else Assert.AreEqual(ByteSize.Parse(limit), ImagePlanFile.Read(Path.Combine(plan.PlanDirectory, "web.plan.json")).CheckpointLimit);
    }

    private static void AssertChangedFrom(int first, List<string> keys)
    {
        var before = Keys("", Steps);
        var same = Math.Min(first, keys.Count);
        CollectionAssert.AreEqual(before.Take(same).ToList(), keys.Take(same).ToList());
        Assert.IsEmpty(before.Skip(same).Intersect(keys.Skip(same)).ToList());
    }

    private static List<string> Keys(string settings, string[] provisioners, params (string Path, string Text)[] changes) =>
        [.. CheckpointKeys.Create("all", "web", Chain(settings, provisioners, changes), Facts).Select(point => point.Key)];

    private static BuildChain Chain(string settings, string[] provisioners, params (string Path, string Text)[] changes)
    {
        using var project = new TaskProject($"{Image(settings)}\n{string.Join('\n', provisioners)}");
        Prepare(project);
        foreach (var (path, text) in changes) File.WriteAllText(Path.Combine(project.Folder, path), text);
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute(), string.Join('\n', project.Engine.Diagnostics));
        return ImagePlanFile.Read(Path.Combine(plan.PlanDirectory, "web.plan.json")).Chain;
    }

    private static void Prepare(TaskProject project)
    {
        Directory.CreateDirectory(Path.Combine(project.Folder, "http"));
        foreach (var path in (string[])["http/answers.txt", "first.sh", "upload.txt", "unread.txt"]) File.WriteAllText(Path.Combine(project.Folder, path), "text");
    }

    /// <summary>The image, in which later settings take the place of those that are there.</summary>
    private static string Image(string settings)
    {
        var keys = new Dictionary<string, string> { ["Builder"] = "qemu", ["IsoUrl"] = "a.iso", ["IsoChecksum"] = "none", ["HttpDirectory"] = "http", ["SshUsername"] = "root", ["SshPassword"] = "env:SECRET" };
        var given = System.Text.RegularExpressions.Regex.Matches(settings, "(\\w+)='([^']*)'");
        foreach (System.Text.RegularExpressions.Match match in given) keys[match.Groups[1].Value] = match.Groups[2].Value;
        if (settings.Contains("HttpContent", StringComparison.Ordinal)) keys.Remove("HttpDirectory");
        return $"<PackerImage Include='web' {string.Join(' ', keys.Select(pair => $"{pair.Key}='{pair.Value}'"))} />";
    }
}
