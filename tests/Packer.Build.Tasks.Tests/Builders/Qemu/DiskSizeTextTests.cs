using Packer.Builders.Qemu;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class DiskSizeTextTests
{
    [TestMethod]
    [DataRow("40960", 40960L << 20)]
    [DataRow("40960M", 40960L << 20)]
    [DataRow("10G", 10L << 30)]
    [DataRow("512b", 512L)]
    [DataRow(" 1t ", 1L << 40)]
    public void WithoutAUnitItIsInMebibytes(string text, long expected)
    {
        Assert.IsTrue(DiskSizeText.TryParse(text, out var bytes));
        Assert.AreEqual(expected, bytes);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("0")]
    [DataRow("big")]
    [DataRow("-1G")]
    [DataRow("1X")]
    public void OtherTextIsNone(string text) => Assert.IsFalse(DiskSizeText.TryParse(text, out _));
}
