using Packer.Builders.Qemu;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class QemuArgumentsTests
{
    [TestMethod]
    public void AValueWithTheSameIdTakesThePlace()
    {
        Assert.AreEqual("-device a,id=x -device c,id=y,bus=1 -m 1", Merge([("-device", "a,id=x"), ("-device", "b,id=y"), ("-m", "1")], ["-device", "c,id=y,bus=1"]));
    }

    [TestMethod]
    public void OneMoreDeviceDropsNone()
    {
        Assert.AreEqual("-device a,id=x -drive if=none,id=disk0 -device virtio-rng-pci", Merge([("-device", "a,id=x"), ("-drive", "if=none,id=disk0")], ["-device", "virtio-rng-pci"]));
    }

    [TestMethod]
    public void ACardOnTheSameNetworkTakesThePlace()
    {
        Assert.AreEqual("-netdev user,id=user.0 -device e1000,netdev=user.0,mac=52:54:00:00:00:01",
            Merge([("-netdev", "user,id=user.0"), ("-device", "virtio-net,netdev=user.0")], ["-device", "e1000,netdev=user.0,mac=52:54:00:00:00:01"]));
    }

    [TestMethod]
    public void ADriveOfTheSameFileTakesThePlace()
    {
        Assert.AreEqual("-drive if=virtio,file=/a,,b.qcow2,cache=none", Merge([("-drive", "if=none,id=disk0,file=/a,,b.qcow2")], ["-drive", "if=virtio,file=/a,,b.qcow2,cache=none"]));
    }

    [TestMethod]
    public void ASwitchThatStandsOnceIsReplaced()
    {
        Assert.AreEqual("-m 2G -cpu max", Merge([("-m", "512M")], ["-m", "2G"], ["-cpu", "max"]));
    }

    [TestMethod]
    public void TwoValuesOfTheUsersOwnAreBothKept()
    {
        Assert.AreEqual("-global a=1 -global b=2", Merge([], ["-global", "a=1"], ["-global", "b=2"]));
        Assert.AreEqual("-serial stdio -serial null", Merge([("-serial", "file:x")], ["-serial", "stdio"], ["-serial", "null"]));
    }

    [TestMethod]
    public void PartsOfAValueAreJoinedAndAnEmptyOneIsLeftOut()
    {
        Assert.AreEqual("-device a,b=1 -no-acpi", Merge([], ["-device", "a,", "b=1"], ["-no-acpi", ""]));
    }

    private static string Merge((string Switch, string Value)[] own, params string[][] given)
    {
        var arguments = new QemuArguments();
        foreach (var (name, value) in own) arguments.Add(name, value);
        arguments.Merge(given);
        return string.Join(' ', arguments.ToList());
    }
}
