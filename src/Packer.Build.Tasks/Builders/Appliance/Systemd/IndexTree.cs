using System.Buffers.Binary;
using System.Text;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// A map of texts to texts in the binary form that kmod's library reads in place: a radix tree (kmod 34, tools/depmod.c and libkmod/libkmod-index.h, "Disk format";
/// version 2.1). Numbers have their high byte first.
/// </summary>
internal sealed class IndexTree
{
    private const uint Magic = 0xB007F457;
    private const uint Version = 0x00020001;
    private const uint HasPrefix = 0x80000000;
    private const uint HasValues = 0x40000000;
    private const uint HasChildren = 0x20000000;
    private const int MaximumOffset = 0x0FFFFFFF;
    private const int RootPosition = 8;

    private readonly SortedDictionary<string, SortedSet<(int Priority, string Value)>> entries = new(StringComparer.Ordinal);

    /// <summary>Adds a value; a key can have several.</summary>
    /// <param name="key">The key, of ASCII characters; others are passed over, as no lookup finds them.</param>
    /// <param name="value">The value.</param>
    /// <param name="priority">Its place among the values of the key.</param>
    public void Add(string key, string value, int priority)
    {
        if (!key.All(char.IsAscii) || key.Contains('\0', StringComparison.Ordinal)) return;
        if (!entries.TryGetValue(key, out var values)) entries.Add(key, values = new SortedSet<(int Priority, string Value)>(Comparer<(int Priority, string Value)>.Create(
            (left, right) => left.Priority != right.Priority ? left.Priority.CompareTo(right.Priority) : string.CompareOrdinal(left.Value, right.Value))));
        values.Add((priority, value));
    }

    /// <summary>The content of the file.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        Write(stream, Magic);
        Write(stream, Version);
        Write(stream, 0);
        var root = WriteNode(stream, [.. entries], 0);
        if (stream.Length > MaximumOffset) throw new InvalidOperationException("The index is larger than its format allows.");
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(RootPosition), root);
        return bytes;
    }

    // The keys are sorted and have their first characters, up to the start, in common. Children come before their parent, which holds where they lie.
    private static uint WriteNode(MemoryStream stream, ReadOnlySpan<KeyValuePair<string, SortedSet<(int Priority, string Value)>>> keys, int start)
    {
        if (keys.IsEmpty)
        {
            // A node of nothing, for a map that is empty.
            return (uint)stream.Position;
        }
        var (first, last) = (keys[0].Key, keys[^1].Key);
        var end = start;
        while (end < first.Length && end < last.Length && first[end] == last[end]) end++;

        // One key may end here; the others go on with different characters.
        var values = first.Length == end ? keys[0].Value : null;
        var others = values is null ? keys : keys[1..];
        var children = new SortedDictionary<char, uint>();
        for (var index = 0; index < others.Length;)
        {
            var character = others[index].Key[end];
            var next = index + 1;
            while (next < others.Length && others[next].Key[end] == character) next++;
            children.Add(character, WriteNode(stream, others[index..next], end + 1));
            index = next;
        }

        var node = (uint)stream.Position;
        if (end > start)
        {
            WriteText(stream, first[start..end]);
            node |= HasPrefix;
        }
        if (children.Count > 0)
        {
            var (low, high) = (children.Keys.First(), children.Keys.Last());
            stream.WriteByte((byte)low);
            stream.WriteByte((byte)high);
            for (var character = low; character <= high; character++) Write(stream, children.GetValueOrDefault(character));
            node |= HasChildren;
        }
        if (values is not null)
        {
            Write(stream, (uint)values.Count);
            foreach (var (priority, value) in values)
            {
                Write(stream, (uint)priority);
                WriteText(stream, value);
            }
            node |= HasValues;
        }
        return node;
    }

    private static void Write(MemoryStream stream, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void WriteText(MemoryStream stream, string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte(0);
    }
}
