using System.Buffers;
using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Compresses blocks, each on its own, to LZMA2: LZMA in chunks that a decoder can tell apart, and chunks of bytes as they are (XZ for Java and XZ Utils,
/// "lzma2_decoder"). Matches are chosen by looking one byte ahead. An instance is used by one thread at a time.
/// </summary>
internal sealed unsafe class Lzma2Encoder(LzmaEffort effort, int capacity)
{
    private const byte EndOfBlock = 0;
    private const byte StoredWithReset = 1;
    private const byte Stored = 2;
    private const byte Compressed = 0x80;
    private const byte WithStateReset = 0x20;
    private const byte WithNewProperties = 0x40;
    private const byte WithDictionaryReset = 0x60;
    private const int HeaderLength = 6;

    private const int MaximumCompressed = 1 << 16;
    private const int MaximumUncompressed = 1 << 21;
    private const int MaximumStored = 1 << 16;

    /// <summary>The most bytes that one more symbol takes.</summary>
    private const int SymbolSlack = 32;

    private readonly RangeEncoder coder = new(MaximumCompressed + SymbolSlack);
    private readonly LzmaModel model = new();
    private readonly LzmaMatchFinder finder = new(effort, capacity);
    private int aheadPosition;
    private int aheadLength;
    private int aheadDistance;

    /// <summary>Compresses a block.</summary>
    /// <param name="block">At least one byte, at most the capacity.</param>
    /// <param name="output">Takes it.</param>
    public void Encode(ReadOnlySpan<byte> block, ArrayBufferWriter<byte> output)
    {
        finder.Reset();
        aheadPosition = -1;
        var reset = WithDictionaryReset;
        fixed (byte* data = block)
        {
            for (var start = 0; start < block.Length;)
            {
                if (reset != 0) model.Reset();
                var end = EncodeChunk(data, block, start);
                var compressed = coder.Finish();
                if (compressed.Length < end - start)
                {
                    WriteCompressed(output, reset, end - start, compressed);
                    reset = 0;
                }
                else
                {
                    WriteStored(output, block[start..end], isFirst: start == 0);
                    // What the decoder knows is older than what this encoder knows; both forget it. Until the properties were told once, they come too.
                    reset = reset >= WithNewProperties ? WithNewProperties : WithStateReset;
                }
                start = end;
            }
        }
        output.Write<byte>([EndOfBlock]);
    }

    /// <summary>Encodes as much as a chunk takes, and returns where it ends.</summary>
    private int EncodeChunk(byte* data, ReadOnlySpan<byte> block, int start)
    {
        coder.Reset();
        var last = Math.Min(block.Length, start + MaximumUncompressed - LzmaModel.MaximumMatch);
        var position = start;
        while (position < last && coder.Length < MaximumCompressed - SymbolSlack) position += EncodeSymbol(data, block, position);
        return position;
    }

    /// <summary>Encodes a literal or a match, and returns its length.</summary>
    private int EncodeSymbol(byte* data, ReadOnlySpan<byte> block, int position)
    {
        var end = block.Length;
        var (length, distance) = FindMatch(data, end, position);
        var (repeatIndex, repeatLength) = FindRepeat(data, end, position);
        if (repeatLength >= LzmaModel.MinimumMatch && (repeatLength >= effort.GoodLength || IsRepeatBetter(repeatLength, length, distance)))
        {
            model.EncodeRepeat(coder, position, repeatIndex, repeatLength);
            return repeatLength;
        }
        if (length < LzmaModel.MinimumMatch || length < effort.GoodLength && IsLaterBetter(data, end, position + 1, length, distance))
        {
            model.EncodeLiteral(coder, block, position);
            return 1;
        }
        model.EncodeMatch(coder, position, distance, length);
        return length;
    }

    private (int Length, int Distance) FindMatch(byte* data, int end, int position)
    {
        if (aheadPosition == position) return (aheadLength, aheadDistance);
        var length = finder.Find(data, end, position);
        return (length, finder.Distance);
    }

    private (int Index, int Length) FindRepeat(byte* data, int end, int position)
    {
        var longest = Math.Min(LzmaModel.MaximumMatch, end - position);
        var (index, length) = (0, 0);
        for (var each = 0; each < model.Repeats.Length; each++)
        {
            var from = position - model.Repeats[each] - 1;
            if (from < 0) continue;
            var same = LzmaMatchFinder.CommonLength(data + from, data + position, longest);
            if (same > length) (index, length) = (each, same);
        }
        return (index, length);
    }

    /// <summary>A distance that was used before costs nearly nothing, another one the more the longer it is.</summary>
    private static bool IsRepeatBetter(int repeatLength, int length, int distance) =>
        repeatLength + 1 >= length || repeatLength + 2 >= length && distance >= 1 << 9 || repeatLength + 3 >= length && distance >= 1 << 15;

    /// <summary>Whether a literal and then the match at the next place is better.</summary>
    private bool IsLaterBetter(byte* data, int end, int position, int length, int distance)
    {
        if (end - position < LzmaModel.MinimumMatch) return false;
        aheadLength = finder.Find(data, end, position);
        aheadDistance = finder.Distance;
        aheadPosition = position;
        if (aheadLength >= LzmaModel.MinimumMatch && (
            aheadLength >= length && aheadDistance < distance
            || aheadLength == length + 1 && !IsFarther(aheadDistance, distance)
            || aheadLength > length + 1
            || aheadLength + 1 >= length && length >= 3 && IsFarther(distance, aheadDistance))) return true;
        return FindRepeat(data, end, position).Length >= Math.Max(LzmaModel.MinimumMatch, length - 1);
    }

    private static bool IsFarther(int far, int near) => far >> 7 > near;

    private static void WriteCompressed(ArrayBufferWriter<byte> output, byte reset, int length, ReadOnlySpan<byte> compressed)
    {
        var hasProperties = reset >= WithNewProperties;
        var header = output.GetSpan(HeaderLength);
        header[0] = (byte)(Compressed | reset | ((length - 1) >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(header[1..], (ushort)(length - 1));
        BinaryPrimitives.WriteUInt16BigEndian(header[3..], (ushort)(compressed.Length - 1));
        header[5] = LzmaModel.Properties;
        output.Advance(hasProperties ? HeaderLength : HeaderLength - 1);
        output.Write(compressed);
    }

    private static void WriteStored(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes, bool isFirst)
    {
        while (bytes.Length > 0)
        {
            var chunk = bytes[..Math.Min(bytes.Length, MaximumStored)];
            bytes = bytes[chunk.Length..];
            var header = output.GetSpan(3);
            header[0] = isFirst ? StoredWithReset : Stored;
            BinaryPrimitives.WriteUInt16BigEndian(header[1..], (ushort)(chunk.Length - 1));
            output.Advance(3);
            output.Write(chunk);
            isFirst = false;
        }
    }
}
