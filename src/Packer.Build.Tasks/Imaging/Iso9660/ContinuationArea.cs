namespace Packer.Imaging;

/// <summary>Where system use entries go that a directory record has no room for (SUSP, IEEE P1281 draft 1.12, 5.1: <c>CE</c>).</summary>
/// <param name="firstBlock">The block that it begins with.</param>
/// <remarks>
/// Each folder has one of its own, right behind it: readers that go through an image from front to back (libarchive) refuse it anywhere else.
/// </remarks>
internal sealed class ContinuationArea(long firstBlock)
{
    private const int EntryLength = 28;

    private readonly MemoryStream content = new();
    private long used;

    public long Blocks => Alignment.DivideRoundUp(used, Iso9660Format.BlockSize);

    public ReadOnlyMemory<byte> Content => content.GetBuffer().AsMemory(0, (int)content.Length);

    /// <summary>The bytes of entries; where they are more than the room, the last of them is a reference to where the rest lies.</summary>
    public byte[] Fit(IReadOnlyList<byte[]> entries, int room)
    {
        if (entries.Sum(entry => entry.Length) <= room) return [.. entries.SelectMany(entry => entry)];
        var (count, length) = (0, 0);
        while (length + entries[count].Length <= room - EntryLength) length += entries[count++].Length;
        return [.. entries.Take(count).SelectMany(entry => entry), .. Place([.. entries.Skip(count)])];
    }

    /// <summary>Stores entries within one block, as readers expect, and returns the reference to them.</summary>
    private byte[] Place(IReadOnlyList<byte[]> entries)
    {
        var total = entries.Sum(entry => entry.Length);
        if ((used % Iso9660Format.BlockSize) + total > Iso9660Format.BlockSize) used = Alignment.RoundUp(used, Iso9660Format.BlockSize);
        var start = used;
        used += Math.Min(total, Iso9660Format.BlockSize);
        var bytes = Fit(entries, Iso9660Format.BlockSize);
        content.Position = start;
        content.Write(bytes);
        var reference = new byte[EntryLength];
        var fields = reference.AsSpan();
        "CE"u8.CopyTo(fields);
        fields[2] = EntryLength;
        fields[3] = 1;
        fields.PutBoth32(4, firstBlock + (start / Iso9660Format.BlockSize));
        fields.PutBoth32(12, start % Iso9660Format.BlockSize);
        fields.PutBoth32(20, bytes.Length);
        return reference;
    }
}
