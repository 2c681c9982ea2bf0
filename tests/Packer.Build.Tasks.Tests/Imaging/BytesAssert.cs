namespace Packer.Tests.Imaging;

/// <summary>Compares long arrays fast.</summary>
internal static class BytesAssert
{
    public static void AreEqual(byte[] expected, byte[] actual, string what = "")
    {
        Assert.HasCount(expected.Length, actual, what);
        var same = expected.AsSpan().CommonPrefixLength(actual);
        if (same < expected.Length) Assert.Fail($"{what} differs at {same}: {expected[same]:x2} is expected, {actual[same]:x2} is there.");
    }
}
