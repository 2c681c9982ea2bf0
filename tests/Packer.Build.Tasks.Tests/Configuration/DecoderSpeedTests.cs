using System.Diagnostics;
using Packer.Configuration;

namespace Packer.Tests.Configuration;

/// <summary>A build in which nothing is to be done decodes every image. The limits are wide, for machines that do other work at the same time.</summary>
[TestClass]
[DoNotParallelize]
public sealed class DecoderSpeedTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void A_warm_decoder_takes_next_to_nothing()
    {
        var decoder = new ConfigDecoder();
        var context = Decoding.Context();
        ConfigLayer[] layers = [Decoding.Base, Decoding.Item(("Memory", "64"), ("Tags", "a=1;b=2"), ("Scripts", "a.sh;b.sh"), ("BootWait", "1m30s"), ("BootCommand", "a;b;c"), ("SshPassword", "env:PASSWORD"))];
        for (var round = 0; round < 200; round++)
        {
            decoder.Decode<MachineConfig>(layers, context);
        }

        var best = double.MaxValue;
        for (var round = 0; round < 200; round++)
        {
            var start = Stopwatch.GetTimestamp();
            decoder.Decode<MachineConfig>(layers, context);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        TestContext.WriteLine($"{best:0.0000} ms");
        Assert.IsLessThan(1.0, best);
    }
}
