using System.Text;
using Packer.Builders.Appliance;
using Packer.Imaging;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class AppFilesTests
{
    [TestMethod]
    public void A_program_for_the_image_is_accepted()
    {
        using var folder = new TemporaryFolder();
        AppFiles.Check(TestApp.Create(folder.Path));
        AppFiles.Check(TestApp.Create(folder.Path, ElfBuilder.Program(interpreter: null)));
    }

    [TestMethod]
    public void A_program_for_arm64_is_accepted_where_it_is_meant()
    {
        using var folder = new TemporaryFolder();
        var app = TestApp.Create(folder.Path, ElfBuilder.Program(machine: 183, interpreter: "/lib/ld-linux-aarch64.so.1"));

        AppFiles.Check(app with { RuntimeIdentifier = "linux-arm64" });

        var error = Assert.ThrowsExactly<PackerException>(() => AppFiles.Check(TestApp.Create(folder.Path) with { RuntimeIdentifier = "linux-arm64" }));
        StringAssert.Contains(error.Message, "another processor");
    }

    [TestMethod]
    public void Another_processor_library_or_system_is_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (var (program, why) in ((byte[], string)[])[
            (ElfBuilder.Program(machine: 183), "processor"),
            (ElfBuilder.Program(interpreter: "/lib/ld-musl-x86_64.so.1"), "musl"),
            (Encoding.ASCII.GetBytes("MZ" + new string(' ', 100)), "64-bit Linux program"),
            ([], "64-bit Linux program")])
        {
            var error = Assert.ThrowsExactly<PackerException>(() => AppFiles.Check(TestApp.Create(folder.Path, program)));
            Assert.AreEqual(DiagnosticCodes.AppDoesNotRun, error.Code);
            StringAssert.Contains(error.Message, why);
            StringAssert.Contains(error.Message, "linux-x64");
        }
    }

    [TestMethod]
    public void A_missing_program_is_refused()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.ThrowsExactly<PackerException>(() => AppFiles.Check(TestApp.Create(folder.Path) with { EntryPoint = "Other" }));

        Assert.AreEqual(DiagnosticCodes.AppDoesNotRun, error.Code);
    }

    [TestMethod]
    public void Modes_and_times_follow_rules_and_not_the_host()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var app = TestApp.Create(folder.Path);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["appsettings.json"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var tree = new FileTree(0);

        AppFiles.AddTo(tree, GuestApp.All(new ApplianceConfig(), app, new Accounts())[0], 1000, files);

        CollectionAssert.AreEqual(
            (string[])["/app 755", "/app/Web 755", "/app/Web.dll 644", "/app/appsettings.json 644", "/app/libnative.so 755", "/app/wwwroot 755", "/app/wwwroot/index.html 644"],
            tree.Walk().Select(entry => $"{entry.Path} {Convert.ToString((int)entry.Node.Metadata.Mode, 8)}").ToArray());
        Assert.IsTrue(tree.Walk().All(entry => entry.Node.Metadata is { ModificationTime: 1000, UserId: 0, GroupId: 0 }));
    }
}
