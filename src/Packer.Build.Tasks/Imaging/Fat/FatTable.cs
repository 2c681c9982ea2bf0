namespace Packer.Imaging;

/// <summary>A file allocation table that is filled from front to back, so that every chain is one piece (Microsoft FAT specification 1.03, section 4).</summary>
/// <param name="mediaEntry">The first entry.</param>
/// <param name="endOfChain">Marks the last cluster of a chain.</param>
internal sealed class FatTable(uint mediaEntry, uint endOfChain)
{
    /// <summary>The number of the first cluster; the two entries before it stand for none.</summary>
    public const int FirstCluster = 2;

    private readonly List<uint> entries = [mediaEntry, endOfChain];

    /// <summary>One entry a cluster; those that are left out are free.</summary>
    public IReadOnlyList<uint> Entries => entries;

    /// <summary>Takes clusters, at least one, and returns the first.</summary>
    public uint Allocate(long clusters)
    {
        var first = (uint)entries.Count;
        for (var index = 1L; index < clusters; index++) entries.Add((uint)entries.Count + 1);
        entries.Add(endOfChain);
        return first;
    }
}
