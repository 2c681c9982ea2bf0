using System.Globalization;

namespace Packer.PostProcessors.Compress;

/// <summary>Says at every tenth how far the work is, so that a log gets a few lines and not thousands.</summary>
internal sealed class TenthsProgress(Action<string> say, string name, long before, long total) : IProgress<long>
{
    /// <summary>Below this nobody waits long enough to ask.</summary>
    private const long Smallest = 256L << 20;

    private const double Mebibyte = 1 << 20;

    private long nextReport = total < Smallest ? long.MaxValue : NextTenth(before, total);

    /// <inheritdoc />
    public void Report(long value)
    {
        var done = before + value;
        if (done < nextReport) return;
        say(string.Create(CultureInfo.InvariantCulture, $"{name}: {done * 100 / total} % of {total / Mebibyte:0} MiB"));
        nextReport = NextTenth(done, total);
    }

    private static long NextTenth(long done, long total) => ((done * 10 / total) + 1) * total / 10;
}
