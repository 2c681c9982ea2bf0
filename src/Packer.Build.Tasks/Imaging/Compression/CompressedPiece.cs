using System.Buffers;

namespace Packer.Imaging;

/// <summary>What a piece of a stream became; used again for later pieces.</summary>
internal sealed class CompressedPiece
{
    /// <summary>Takes the compressed bytes.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>Bytes of the piece before it was compressed.</summary>
    public int Length { get; set; }

    /// <summary>The CRC-32 of these, in formats that have one.</summary>
    public uint Crc { get; set; }

    public void CopyTo(CompressedPiece other)
    {
        other.Output.ResetWrittenCount();
        other.Output.Write(Output.WrittenSpan);
        other.Length = Length;
        other.Crc = Crc;
    }
}
