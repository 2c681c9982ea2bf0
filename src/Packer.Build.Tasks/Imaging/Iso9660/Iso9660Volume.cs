using System.Text;

namespace Packer.Imaging;

/// <summary>A volume descriptor and where the parts of its hierarchy lie (ECMA-119, 8.4 and 8.5).</summary>
internal sealed class Iso9660Volume(Iso9660Hierarchy hierarchy, bool isJoliet)
{
    private const string Application = "PACKER SDK";
    private const byte Padding = (byte)' ';

    private static class Field
    {
        public const int Type = 0, Standard = 1, Version = 6, System = 8, Volume = 40, Blocks = 80, EscapeSequences = 88, VolumeSetSize = 120, VolumeSequence = 124, BlockSize = 128;
        public const int PathTableLength = 132, LeastSignificantFirstTable = 140, MostSignificantFirstTable = 148, RootRecord = 156, VolumeSet = 190, Publisher = 318, Preparer = 446;
        public const int Application = 574, CopyrightFile = 702, AbstractFile = 739, BibliographicFile = 776, Created = 813, Modified = 830, Expires = 847, Effective = 864, StructureVersion = 881;
    }

    private long firstTable;
    private long secondTable;

    public Iso9660Hierarchy Hierarchy => hierarchy;

    private long PathTableBlocks => Alignment.DivideRoundUp(hierarchy.PathTableLength, Iso9660Format.BlockSize);

    /// <summary>The last of the descriptors (ECMA-119, 8.3).</summary>
    public static byte[] Terminator() => Start(255);

    /// <summary>Gives the path tables and folders their places from a block on, and returns the block after them.</summary>
    public long Place(long block)
    {
        firstTable = block;
        secondTable = firstTable + PathTableBlocks;
        block = secondTable + PathTableBlocks;
        foreach (var folder in hierarchy.Folders)
        {
            folder.Block = block;
            block = folder.EndBlock + folder.ContinuationBlocks;
        }
        return block;
    }

    /// <summary>Writes the path tables and the folders.</summary>
    public void WriteTo(SparseImage image, IReadOnlyDictionary<Node, long> fileBlocks)
    {
        image.Add(firstTable * Iso9660Format.BlockSize, hierarchy.EncodePathTable(mostSignificantFirst: false));
        image.Add(secondTable * Iso9660Format.BlockSize, hierarchy.EncodePathTable(mostSignificantFirst: true));
        foreach (var folder in hierarchy.Folders)
        {
            var (content, continuation) = hierarchy.Encode(folder, fileBlocks);
            image.Add(folder.Block * Iso9660Format.BlockSize, content);
            image.Add(folder.EndBlock * Iso9660Format.BlockSize, continuation);
        }
    }

    public byte[] CreateDescriptor(Iso9660Options options, long blocks)
    {
        var descriptor = Start((byte)(isJoliet ? 2 : 1));
        var fields = descriptor.AsSpan();
        PutText(fields[Field.System..Field.Volume], "");
        PutText(fields.Slice(Field.Volume, Iso9660Options.MaximumLabelLength), options.Label);
        fields.PutBoth32(Field.Blocks, blocks);
        // UCS-2 level 3 (Joliet Specification, "SVD Escape Sequences Field").
        if (isJoliet) "%/E"u8.CopyTo(fields[Field.EscapeSequences..]);
        fields.PutBoth16(Field.VolumeSetSize, 1);
        fields.PutBoth16(Field.VolumeSequence, 1);
        fields.PutBoth16(Field.BlockSize, Iso9660Format.BlockSize);
        fields.PutBoth32(Field.PathTableLength, hierarchy.PathTableLength);
        fields.PutUInt32(Field.LeastSignificantFirstTable, firstTable);
        fields.PutBig32(Field.MostSignificantFirstTable, secondTable);
        hierarchy.RootRecord.WriteTo(fields[Field.RootRecord..]);
        PutText(fields[Field.VolumeSet..Field.Publisher], "");
        PutText(fields[Field.Publisher..Field.Preparer], "");
        PutText(fields[Field.Preparer..Field.Application], "");
        PutText(fields[Field.Application..Field.CopyrightFile], Application);
        PutText(fields[Field.CopyrightFile..Field.AbstractFile], "");
        PutText(fields[Field.AbstractFile..Field.BibliographicFile], "");
        PutText(fields[Field.BibliographicFile..Field.Created], "");
        Iso9660Time.PutLong(fields[Field.Created..], options.Timestamp);
        Iso9660Time.PutLong(fields[Field.Modified..], options.Timestamp);
        Iso9660Time.PutLong(fields[Field.Expires..], null);
        Iso9660Time.PutLong(fields[Field.Effective..], null);
        fields[Field.StructureVersion] = 1;
        return descriptor;
    }

    private static byte[] Start(byte type)
    {
        var descriptor = new byte[Iso9660Format.BlockSize];
        descriptor[Field.Type] = type;
        "CD001"u8.CopyTo(descriptor.AsSpan(Field.Standard));
        descriptor[Field.Version] = 1;
        return descriptor;
    }

    /// <summary>Writes a text and fills the field with spaces; in Joliet a field of odd length keeps its last byte zero.</summary>
    private void PutText(Span<byte> field, string text)
    {
        if (isJoliet)
        {
            var length = field.Length / sizeof(char);
            Encoding.BigEndianUnicode.GetBytes(text[..Math.Min(text.Length, length)].PadRight(length), field);
            return;
        }
        field.Fill(Padding);
        Encoding.ASCII.GetBytes(text, field);
    }
}
