namespace Packer.Imaging;

/// <summary>How much work is done to find matches.</summary>
/// <param name="ChainLength">How many earlier places are looked at.</param>
/// <param name="GoodLength">A match of this length is taken at once.</param>
internal readonly record struct LzmaEffort(int ChainLength, int GoodLength)
{
    /// <summary>The effort for a level, from 1 (fastest) to 9 (smallest).</summary>
    public static LzmaEffort OfLevel(int level) => level switch
    {
        1 => new(2, 32),
        2 => new(4, 48),
        3 => new(8, 64),
        4 => new(12, 64),
        5 => new(20, 96),
        6 => new(32, 128),
        7 => new(64, 192),
        8 => new(128, LzmaModel.MaximumMatch),
        _ => new(512, LzmaModel.MaximumMatch),
    };
}
