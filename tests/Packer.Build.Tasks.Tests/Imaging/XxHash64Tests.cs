using System.Text;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class XxHash64Tests
{
    // From the reference implementation. Longer content is held against the program zstd, which checks the frames that are made.
    [TestMethod]
    [DataRow("", 0xEF46DB3751D8E999UL)]
    [DataRow("a", 0xD24EC4F1A98C6E5BUL)]
    [DataRow("abc", 0x44BC2CF5AD770999UL)]
    public void It_is_the_sum_of_the_reference(string text, ulong expected) => Assert.AreEqual(expected, XxHash64.Compute(Encoding.ASCII.GetBytes(text)));
}
