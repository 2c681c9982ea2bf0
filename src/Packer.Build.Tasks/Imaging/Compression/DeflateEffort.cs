namespace Packer.Imaging;

/// <summary>How much work <see cref="DeflateEncoder"/> does to find matches.</summary>
/// <param name="ChainLength">How many earlier places are looked at.</param>
/// <param name="GoodLength">A match of this length is good enough to stop looking for a better one.</param>
/// <param name="SufficientLength">A match of this length is taken without a look at the next place.</param>
internal readonly record struct DeflateEffort(int ChainLength, int GoodLength, int SufficientLength)
{
    /// <summary>For disk images: twice as many places shrink them by less than 1 % and cost much time.</summary>
    public static DeflateEffort Disk { get; } = new(6, 32, 12);

    /// <summary>The effort for a level, from 1 (fastest) to 9 (smallest).</summary>
    public static DeflateEffort OfLevel(int level) => level switch
    {
        1 => new(1, 16, 4),
        2 => new(2, 16, 6),
        3 => new(3, 24, 8),
        4 => new(4, 32, 8),
        5 => Disk,
        6 => new(10, 48, 16),
        7 => new(24, 96, 32),
        8 => new(64, 192, 96),
        _ => new(256, 258, 258),
    };
}
