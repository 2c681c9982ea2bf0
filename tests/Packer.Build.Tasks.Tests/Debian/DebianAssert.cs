using Packer.Debian;

namespace Packer.Tests.Debian;

internal static class DebianAssert
{
    public static DebianException Fails(DebianError error, Action action)
    {
        var exception = Assert.ThrowsExactly<DebianException>(action);
        Assert.AreEqual(error, exception.Error, exception.Message);
        return exception;
    }

    public static async Task<DebianException> FailsAsync(DebianError error, Func<Task> action)
    {
        var exception = await Assert.ThrowsExactlyAsync<DebianException>(action);
        Assert.AreEqual(error, exception.Error, exception.Message);
        return exception;
    }
}
