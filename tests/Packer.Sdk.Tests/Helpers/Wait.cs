namespace Packer.Sdk.Tests;

/// <summary>Waits for what another process does.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>Returns when a condition holds; fails with a text after minutes.</summary>
    public static async Task UntilAsync(Func<bool> condition, Func<string> otherwise)
    {
        var end = DateTime.UtcNow + Longest;
        while (!condition())
        {
            if (DateTime.UtcNow > end) Assert.Fail("What was waited for has not happened.\n" + otherwise());
            await Task.Delay(Pause);
        }
    }
}
