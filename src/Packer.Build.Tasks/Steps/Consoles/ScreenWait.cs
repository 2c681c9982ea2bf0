using System.Globalization;
using Packer.Configuration;
using Packer.Imaging.Pictures;

namespace Packer.Steps.Consoles;

/// <summary>Waits for what a screen shows.</summary>
internal sealed class ScreenWait(IScreen screen, TimeProvider clock)
{
    /// <summary>A still screen may differ this much from picture to picture: a text cursor that blinks takes less.</summary>
    private const double StableShare = 0.999;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Waits until the screen has not changed for a time: until no picture in it has differed from the first by more than 0.1 % of the pixels.
    /// </summary>
    /// <exception cref="PackerException">The time is over, or the machine is gone.</exception>
    public async Task UntilStableAsync(TimeSpan unchanged, TimeSpan timeout, CancellationToken token)
    {
        var start = clock.GetTimestamp();
        var (since, first) = (start, await screen.CaptureAsync(token));
        while (clock.GetElapsedTime(since) < unchanged)
        {
            if (clock.GetElapsedTime(start) >= timeout)
            {
                throw new PackerException(DiagnosticCodes.BootWaitTimedOut,
                    $"The screen did not stay unchanged for {DurationFormat.Format(unchanged)} within {DurationFormat.Format(timeout)}. "
                    + "Look at the screen; wait for text or for a picture where something on it always moves.");
            }
            await Task.Delay(Interval, clock, token);
            var next = await screen.CaptureAsync(token);
            if (PictureComparison.EqualShare(first, next) < StableShare) (since, first) = (clock.GetTimestamp(), next);
        }
    }

    /// <summary>Waits until the screen looks like a picture; see <see cref="PictureComparison"/> for which pixels are equal.</summary>
    /// <param name="reference">The picture.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="share">The share of its pixels that must be equal, above 0 and at most 1.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="PackerException">The time is over, or the machine is gone.</exception>
    public async Task UntilMatchesAsync(Picture reference, string name, double share, TimeSpan timeout, CancellationToken token)
    {
        var start = clock.GetTimestamp();
        var best = 0.0;
        while (true)
        {
            var shown = await screen.CaptureAsync(token);
            var equal = PictureComparison.EqualShare(reference, shown);
            if (equal >= share) return;
            best = Math.Max(best, equal);
            if (clock.GetElapsedTime(start) >= timeout)
            {
                var sizes = (shown.Width, shown.Height) == (reference.Width, reference.Height)
                    ? ""
                    : string.Create(CultureInfo.InvariantCulture, $" The screen has {shown.Width}x{shown.Height} pixels, the picture {reference.Width}x{reference.Height}.");
                throw new PackerException(DiagnosticCodes.BootWaitTimedOut, string.Create(CultureInfo.InvariantCulture,
                    $"The screen did not become like '{name}' within {DurationFormat.Format(timeout)}: at best a share of {Math.Floor(best * 10000) / 10000:0.####} of the pixels was equal, {share:0.####} is asked for.{sizes} ")
                    + "Take a new picture of the screen, lower the share, or make transparent what changes.");
            }
            await Task.Delay(Interval, clock, token);
        }
    }
}
