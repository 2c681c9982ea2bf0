using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class ChecksumTests
{
    [TestMethod]
    public void Both_checksums_give_their_published_check_values()
    {
        Assert.AreEqual(0xCBF43926u, Crc32.Compute("123456789"u8));
        Assert.AreEqual(0xE3069283u, ~Crc32C.Append(Crc32C.Initial, "123456789"u8));
        Assert.AreEqual(Crc32C.Append(Crc32C.Initial, "12345678"u8), Crc32C.Append(Crc32C.Initial, BitConverter.ToUInt64("12345678"u8)));
    }

    [TestMethod]
    public void A_value_too_large_for_its_field_is_an_error() => Assert.ThrowsExactly<OverflowException>(() => new byte[4].AsSpan().PutUInt16(0, 65536));
}
