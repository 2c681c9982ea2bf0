using System.Diagnostics;

namespace Packer.Tests.Engine;

/// <summary>Waits for what must come true.</summary>
internal static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(20)) Assert.Fail($"It never came true that {what}.");
            await Task.Delay(5);
        }
    }
}
