using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>gzip (RFC 1952): one member, whose blocks do not refer to one another.</summary>
/// <param name="level">From 1 (fastest) to 9 (smallest).</param>
internal sealed class GzipCompression(int level) : CompressedStream
{
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

    private readonly uint shift = Crc32.Shift(Size);
    private uint crc;
    private uint length;

    private const int Size = 16 * DeflateEncoder.MaximumInput;

    /// <inheritdoc/>
    public override int PieceSize => Size;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new DeflatePieceEncoder(DeflateEffort.OfLevel(level));

    /// <inheritdoc/>
    public override void Begin(OutputFile file) => file.Write(Header);

    /// <inheritdoc/>
    public override void Append(OutputFile file, CompressedPiece piece)
    {
        base.Append(file, piece);
        crc = Crc32.Combine(crc, piece.Crc, piece.Length == Size ? shift : Crc32.Shift(piece.Length));
        length = unchecked(length + (uint)piece.Length);
    }

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty)
    {
        Span<byte> end = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(end, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end[4..], length);
        file.Write(DeflatePieceEncoder.End);
        file.Write(end);
    }
}
