using Packer.Steps;
using Packer.Tests.Imaging;

namespace Packer.Tests.Steps;

[TestClass]
public sealed class MediaStepTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationTokenSource.Token;

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_cd_holds_files_folders_and_texts_as_packer_puts_them()
    {
        Rig.Require("isoinfo", "blkid");
        await using var folder = new StepFolder();
        folder.Add("seed/user-data", "from the folder");
        folder.Add("seed/sub/deep.txt", "deep");
        folder.Add("whole/a.txt", "a");
        folder.Add("whole/sub/b.txt", "b");
        folder.Add("many/one.cfg", "1");
        folder.Add("many/two.cfg", "2");
        folder.Add("many/three.txt", "3");
        folder.Add("many/dir/four.txt", "4");
        var settings = StepSettings.Of(folder.Project, ("CdFiles", "seed/;whole;many/*.cfg;many/d*"), ("CdContent", "user-data=from the text;/new/file=x"), ("CdLabel", "cidata"));
        var step = new CreateCdStep(settings.Cd, folder.Context());
        Assert.IsNull(step.CdPath);
        await step.RunAsync(Token);
        var listing = await Tool.RunAsync("isoinfo", "-R", "-f", "-i", step.CdPath!);
        CollectionAssert.AreEquivalent((string[])["/user-data", "/sub", "/sub/deep.txt", "/whole", "/whole/a.txt", "/whole/sub", "/whole/sub/b.txt", "/one.cfg", "/two.cfg", "/dir", "/dir/four.txt", "/new", "/new/file"],
            listing.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.AreEqual("from the text", await Tool.RunAsync("isoinfo", "-R", "-x", "/user-data", "-i", step.CdPath!));
        Assert.AreEqual("cidata", (await Tool.RunAsync("blkid", "-p", "-o", "value", "-s", "LABEL", step.CdPath!)).Trim());
        var bytes = await File.ReadAllBytesAsync(step.CdPath!, Token);
        await step.RunAsync(Token);
        BytesAssert.AreEqual(bytes, await File.ReadAllBytesAsync(step.CdPath!, Token), "A second CD of the same files");
        await step.CleanupAsync(StepOutcome.Succeeded, Token);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Temporary));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_floppy_flattens_files_and_keeps_folders()
    {
        Rig.Require("mdir", "mtype");
        await using var folder = new StepFolder();
        folder.Add("answers/Autounattend.xml", "<a/>");
        folder.Add("answers/sub/setup.ps1", "setup");
        folder.Add("tree/x/y.txt", "y");
        folder.Add("contents/z.txt", "z");
        var settings = StepSettings.Of(folder.Project, ("FloppyFiles", "answers"), ("FloppyDirs", "tree;contents/"), ("FloppyContent", "ks.cfg=text"), ("FloppyLabel", "driver"));
        var step = new CreateFloppyStep(settings.Floppy, folder.Context());
        await step.RunAsync(Token);
        foreach (var (path, text) in ((string, string)[])[("Autounattend.xml", "<a/>"), ("setup.ps1", "setup"), ("tree/x/y.txt", "y"), ("z.txt", "z"), ("ks.cfg", "text")])
            Assert.AreEqual(text, await Tool.RunAsync("mtype", "-i", step.FloppyPath!, "::/" + path));
        StringAssert.Contains(await Tool.RunAsync("mdir", "-i", step.FloppyPath!), "is DRIVER");
        await step.CleanupAsync(StepOutcome.Failed, Token);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Temporary));
    }

    [TestMethod]
    public async Task Without_files_there_is_no_medium()
    {
        await using var folder = new StepFolder();
        var settings = StepSettings.Of(folder.Project);
        var (cd, floppy) = (new CreateCdStep(settings.Cd, folder.Context()), new CreateFloppyStep(settings.Floppy, folder.Context()));
        await cd.RunAsync(Token);
        await floppy.RunAsync(Token);
        Assert.IsNull(cd.CdPath);
        Assert.IsNull(floppy.FloppyPath);
        Assert.IsEmpty(folder.Ui.Lines);
        await cd.CleanupAsync(StepOutcome.Succeeded, Token);
        await floppy.CleanupAsync(StepOutcome.Succeeded, Token);
    }

    [TestMethod]
    public async Task What_cannot_be_on_a_medium_is_an_error()
    {
        await using var folder = new StepFolder();
        folder.Add("a/same.txt", "1");
        folder.Add("b/same.txt", "2");
        folder.Add("big", new string('x', 1_500_000));
        Contains(await ErrorAsync(("CdFiles", "a/;b/")), "PKR1340", "same.txt");
        Contains(await ErrorAsync(("FloppyFiles", "big")), "PKR1340", "a floppy has");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Temporary));
        if (OperatingSystem.IsWindows()) return;
        File.CreateSymbolicLink(folder["a/inside"], "same.txt");
        Assert.AreEqual("", await ErrorAsync(("CdFiles", "a")));
        File.CreateSymbolicLink(folder["a/outside"], "../b/same.txt");
        Contains(await ErrorAsync(("CdFiles", "a")), "PKR1340", "'../b/same.txt'");
        File.Delete(folder["a/outside"]);
        File.CreateSymbolicLink(folder["a/loop"], "../a");
        Contains(await ErrorAsync(("CdFiles", "a")), "PKR1340", "symbolic link");

        async Task<string> ErrorAsync(params (string, string)[] entries)
        {
            var settings = StepSettings.Of(folder.Project, entries);
            var steps = (IStep[])[new CreateCdStep(settings.Cd, folder.Context()), new CreateFloppyStep(settings.Floppy, folder.Context())];
            try
            {
                foreach (var step in steps) await step.RunAsync(Token);
                return "";
            }
            catch (PackerException exception)
            {
                return $"{exception.Code} {exception.Message}";
            }
            finally
            {
                foreach (var step in steps) await step.CleanupAsync(StepOutcome.Failed, Token);
            }
        }
    }

    [TestMethod]
    public async Task Wrong_settings_are_found_before_the_build()
    {
        await using var folder = new StepFolder();
        Contains(StepSettings.Faults(folder.Project, ("CdFiles", "nothing")), "PKR0019", "no file or directory");
        Contains(StepSettings.Faults(folder.Project, ("FloppyDirs", "none*")), "PKR0019", "matches no file or directory");
        Contains(StepSettings.Faults(folder.Project, ("CdLabel", new string('x', 33))), "PKR0011", "'CdLabel'");
        Contains(StepSettings.Faults(folder.Project, ("FloppyLabel", "a:b")), "PKR0011", "'FloppyLabel'");
        Contains(StepSettings.Faults(folder.Project, ("CdContent", "../x=y")), "PKR0011", "'..'");
        Contains(StepSettings.Faults(folder.Project, ("FloppyContent", "/=y")), "PKR0011", "names no file");
    }

    [TestMethod]
    public async Task Files_and_folders_are_inputs_of_the_image()
    {
        await using var folder = new StepFolder();
        folder.Add("dir/file", "x");
        folder.Add("glob/file", "x");
        folder.Add("glob/sub/file", "x");
        var inputs = StepSettings.Prepare(folder.Project, ("CdFiles", "dir/;dir/file;glob/*;glob/**")).Result.Decoded!.Inputs.Select(input => $"{input.Kind} {Path.GetRelativePath(folder.Project, input.Path)}").ToArray();
        CollectionAssert.AreEqual((string[])["Directory dir/", "File dir/file", "File glob/file", "Directory glob/sub", "File glob/file", "File glob/sub/file"], inputs, string.Join(", ", inputs));
    }

    private static void Contains(string text, params string[] parts)
    {
        foreach (var part in parts) StringAssert.Contains(text, part);
    }
}
