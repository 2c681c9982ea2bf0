using Packer.Builders.Appliance;
using Packer.Debian;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class PackageLockTests
{
    private static readonly ResolvedPackage Package = new("libc6", "2.41-12+deb13u1", "amd64", "trixie", "pool/main/g/glibc/libc6_2.41.deb", new string('a', 64), 1000, "glibc", "2.41-12");
    private static readonly string Entry = new PackageLock("trixie", ["libc6", "tzdata"], [Package]).ToJson();

    [TestMethod]
    public void What_was_pinned_is_taken()
    {
        var pinned = PackageLock.PinnedPackages(Entry, "trixie", MachineArchitecture.X64, ["tzdata", "libc6"]);

        Assert.AreEqual(Package, pinned.Single());
    }

    [TestMethod]
    [DataRow("forky", "libc6;tzdata", "it is for Debian trixie, and the image is made of forky")]
    [DataRow("trixie", "libc6;tzdata;curl", "it was made without curl")]
    [DataRow("trixie", "libc6", "it has tzdata, which the image does not need any more")]
    public void A_lock_that_does_not_fit_any_more_says_why(string suite, string requested, string why)
    {
        var error = Assert.ThrowsExactly<PackerException>(() => PackageLock.PinnedPackages(Entry, suite, MachineArchitecture.X64, requested.Split(';')));

        Assert.AreEqual(DiagnosticCodes.LockFileOutOfDate, error.Code);
        Assert.Contains(why, error.Message);
        Assert.Contains("-p:PackerUpdateLock=true", error.Message);
    }

    [TestMethod]
    public void The_lock_of_an_image_for_another_processor_does_not_fit()
    {
        var error = Assert.ThrowsExactly<PackerException>(() => PackageLock.PinnedPackages(Entry, "trixie", MachineArchitecture.Arm64, ["libc6", "tzdata"]));

        Assert.AreEqual(DiagnosticCodes.LockFileOutOfDate, error.Code);
        Assert.Contains("it has packages for amd64, and the image is for arm64", error.Message);
    }

    [TestMethod]
    public void A_damaged_entry_is_an_error()
    {
        // A path that leads out of the archive, and what is no entry at all.
        foreach (var damaged in new[] { "{}", "[]", Entry.Replace("pool/main", "../..", StringComparison.Ordinal) })
            Assert.AreEqual(DiagnosticCodes.LockFileUnreadable, Assert.ThrowsExactly<PackerException>(() => PackageLock.PinnedPackages(damaged, "trixie", MachineArchitecture.X64, ["libc6", "tzdata"])).Code);
    }
}
