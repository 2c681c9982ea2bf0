using System.Diagnostics;
using System.Globalization;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>The layer against the mirror of this machine's apt configuration, and against apt and dpkg themselves.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class RealMirrorTests
{
    private const string Suite = "trixie";

    private static readonly SemaphoreSlim Gate = new(1);
    private static TemporaryFolder? _folder;
    private static TestFetcher? _fetcher;
    private static DebianRepository? _repository;
    private static bool _aptIsReady;

    [ClassCleanup]
    public static void RemoveFolder()
    {
        _fetcher?.Dispose();
        _folder?.Dispose();
    }

    [TestMethod]
    public async Task Packages_of_an_appliance_are_chosen()
    {
        var repository = await OpenAsync();

        var packages = repository.Resolve(
            ["libc6", "libgcc-s1", "libstdc++6", "libssl3t64", "ca-certificates", "tzdata", "busybox-static", "base-files",
             "linux-image-cloud-amd64", "systemd-boot-efi-amd64-signed", "shim-signed"],
            new HashSet<string> { "openssl", "debconf", "initramfs-tools", "linux-base", "grub-efi-amd64-bin", "grub2-common", "mokutil" });

        var names = packages.Select(package => package.Name).ToHashSet();
        foreach (var name in (string[])["libc6", "libssl3t64", "busybox-static", "base-files", "linux-image-cloud-amd64", "systemd-boot-efi-amd64-signed", "shim-signed"]) Assert.Contains(name, names);
        Assert.IsTrue(names.Any(name => name.StartsWith("linux-image-6", StringComparison.Ordinal)), string.Join(", ", packages));
        foreach (var name in (string[])["openssl", "debconf", "perl-base"]) Assert.DoesNotContain(name, names);
        CollectionAssert.AreEqual(packages.ToArray(), ResolvedPackage.FromJson(ResolvedPackage.ToJson(packages), "lock").ToArray());
        Assert.Contains("base-files", repository.EssentialNames);
    }

    [TestMethod]
    public async Task Expanded_packages_are_those_of_dpkg_byte_by_byte()
    {
        Rig.Require("dpkg-deb");
        var repository = await OpenAsync();
        var packages = repository.Resolve(["busybox-static", "libgcc-s1"], new HashSet<string> { "libc6" });

        var debs = await repository.FetchAsync(packages, CancellationToken.None);
        var tars = await repository.ExpandAsync(packages, CancellationToken.None);

        for (var i = 0; i < packages.Count; i++)
        {
            using var process = Process.Start(new ProcessStartInfo("dpkg-deb", ["--fsys-tarfile", debs[i]]) { RedirectStandardOutput = true })!;
            var expected = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(expected);
            await process.WaitForExitAsync();
            Assert.AreEqual(0, process.ExitCode);
            Assert.IsTrue((await File.ReadAllBytesAsync(tars[i])).AsSpan().SequenceEqual(expected.GetBuffer().AsSpan(0, (int)expected.Length)), packages[i].ToString());
            var control = await repository.Store.ReadControlAsync(packages[i], CancellationToken.None);
            Assert.AreEqual((packages[i].Name, packages[i].Version), (control.Fields["Package"], control.Fields["Version"]));
        }
    }

    [TestMethod]
    [DataRow("libc6 libgcc-s1 libstdc++6 libssl3t64 tzdata busybox-static base-files")]
    [DataRow("ca-certificates curl")]
    [DataRow("systemd systemd-sysv openssh-server dbus libpam-systemd")]
    [DataRow("linux-image-cloud-amd64 shim-signed systemd-boot-efi-amd64-signed")]
    [DataRow("build-essential git")]
    [DataRow("python3-pip cloud-init")]
    [DataRow("postgresql nginx")]
    [DataRow("default-jre-headless maven")]
    [DataRow("task-gnome-desktop")]
    public async Task Choice_is_that_of_apt(string names)
    {
        Rig.Require("apt-get");
        var repository = await OpenAsync();
        var root = await AptRootAsync();

        var output = await AptAsync(root, ["-s", "install", .. names.Split(' ')]);
        // Inst name (version archive [architecture])
        var expected = output.Split('\n').Where(line => line.StartsWith("Inst ", StringComparison.Ordinal)).Select(line => line.Split(' ')).Select(words => $"{words[1]} {words[2].TrimStart('(')}");
        var actual = repository.Resolve(names.Split(' '), new HashSet<string>()).Select(package => $"{package.Name} {package.Version}");

        Assert.AreEqual(string.Join('\n', expected.Order(StringComparer.Ordinal)), string.Join('\n', actual.Order(StringComparer.Ordinal)));
    }

    private static async Task<DebianRepository> OpenAsync()
    {
        var archives = Archives();
        await Gate.WaitAsync();
        try
        {
            if (_repository is not null) return _repository;
            _folder = new TemporaryFolder();
            _fetcher = new TestFetcher(_folder.File("cache"));
            try
            {
                return _repository = await DebianRepository.OpenAsync(_fetcher, archives, "amd64", ArchiveKeyring.Debian(), DateTimeOffset.UtcNow, CancellationToken.None);
            }
            catch (DebianException exception) when (exception.Error == DebianError.Unreachable)
            {
                Skip("a mirror that answers");
                throw;
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    private static IReadOnlyList<DebianArchive> Archives()
    {
        if (HostAptConfiguration.Find() is { Archive: { } archive, Security: { } security }) return DebianArchiveSet.For(Suite, archive, security);
        Skip("a Debian mirror in the machine's apt configuration");
        return [];
    }

    // An apt with a root folder of its own, nothing installed, and the same archives.
    private static async Task<string> AptRootAsync()
    {
        await Gate.WaitAsync();
        try
        {
            var root = _folder!.File("apt");
            if (_aptIsReady) return root;
            foreach (var folder in (string[])["state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "etc/trusted.gpg.d", "keys"])
                Directory.CreateDirectory(Path.Combine(root, folder));
            _folder.Write("apt/status", "");
            var number = 0;
            foreach (var name in typeof(ArchiveKeyring).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".gpg", StringComparison.Ordinal)))
            {
                using var key = File.Create(Path.Combine(root, "etc/trusted.gpg.d", string.Create(CultureInfo.InvariantCulture, $"{number++}.gpg")));
                await typeof(ArchiveKeyring).Assembly.GetManifestResourceStream(name)!.CopyToAsync(key);
            }

            _folder.Write("apt/etc/sources.list", string.Concat(Archives().Select(archive => $"deb {archive.Address} {archive.Suite} {archive.Component}\n")));
            _folder.Write("apt/apt.conf", $$"""
                Dir "{{root}}";
                Dir::Etc "{{root}}/etc";
                Dir::State "{{root}}/state";
                Dir::State::status "{{root}}/status";
                Dir::Cache "{{root}}/cache";
                APT::Architecture "amd64";
                APT::Architectures "amd64";
                APT::Install-Recommends "false";
                APT::Sandbox::User "root";
                Acquire::Languages "none";
                """);
            await AptAsync(root, ["update"]);
            _aptIsReady = true;
            return root;
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task<string> AptAsync(string root, string[] arguments)
    {
        var start = new ProcessStartInfo("apt-get", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["APT_CONFIG"] = Path.Combine(root, "apt.conf");
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, output + await errors);
        return output;
    }

    private static void Skip(string missing)
    {
        var message = $"Skipped: this test needs {missing}.";
        if (Environment.GetEnvironmentVariable("PACKER_REQUIRE_RIGS") == "1") Assert.Fail(message);
        Assert.Inconclusive(message);
    }
}
