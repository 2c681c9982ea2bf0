namespace Packer.Imaging;

/// <summary>
/// Makes a CD image of a tree: ISO 9660 at interchange level 3 (ECMA-119, ISO 9660:1988) with a Joliet hierarchy for Windows and Rock Ridge entries
/// for Unix. The result depends on the arguments only. Hard links share their data; files above 4 GiB have several extents; holes of sources stay
/// holes. Extended attributes are lost, and Joliet shows files and folders only.
/// </summary>
internal static class Iso9660Writer
{
    private const long PrimaryDescriptor = Iso9660Format.SystemBlocks;
    private const long JolietDescriptor = PrimaryDescriptor + 1;
    private const long Terminator = JolietDescriptor + 1;

    /// <summary>Makes the image; its length is a multiple of 2048.</summary>
    /// <param name="tree">What the CD holds; it is not changed.</param>
    /// <param name="options">All else.</param>
    /// <exception cref="ImagingException">ISO 9660 cannot hold something of the tree, or the label is not possible.</exception>
    public static SparseImage Create(FileTree tree, Iso9660Options options)
    {
        if (!Iso9660Options.IsLabel(options.Label)) throw new ImagingException($"The label '{options.Label}' is not possible on a CD. Take 1 to {Iso9660Options.MaximumLabelLength} printable ASCII characters.");
        var primary = new Iso9660Volume(new Iso9660Hierarchy(tree.Root, new PrimaryNaming(), new RockRidge(CountLinks(tree))), isJoliet: false);
        var joliet = new Iso9660Volume(new Iso9660Hierarchy(tree.Root, new JolietNaming(), rockRidge: null), isJoliet: true);
        var end = joliet.Place(primary.Place(Terminator + 1));
        var fileBlocks = PlaceFiles(primary.Hierarchy.Files, ref end);

        var image = new SparseImage(end * Iso9660Format.BlockSize);
        image.Add(PrimaryDescriptor * Iso9660Format.BlockSize, primary.CreateDescriptor(options, end));
        image.Add(JolietDescriptor * Iso9660Format.BlockSize, joliet.CreateDescriptor(options, end));
        image.Add(Terminator * Iso9660Format.BlockSize, Iso9660Volume.Terminator());
        primary.WriteTo(image, fileBlocks);
        joliet.WriteTo(image, fileBlocks);
        foreach (var (node, block) in fileBlocks.OrderBy(file => file.Value)) image.Add(block * Iso9660Format.BlockSize, node.Data);
        return image;
    }

    private static Dictionary<Node, long> PlaceFiles(IEnumerable<Node> files, ref long end)
    {
        var blocks = new Dictionary<Node, long>(ReferenceEqualityComparer.Instance);
        foreach (var node in files)
        {
            if (node.Data.Length == 0 || !blocks.TryAdd(node, end)) continue;
            end += Alignment.DivideRoundUp(node.Data.Length, Iso9660Format.BlockSize);
            if (end > uint.MaxValue) throw new ImagingException($"The files need more than {uint.MaxValue * (long)Iso9660Format.BlockSize} bytes, the most that a CD image can have. Leave some out.");
        }
        return blocks;
    }

    private static Dictionary<Node, int> CountLinks(FileTree tree)
    {
        var links = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        foreach (var (_, node) in tree.Walk()) links[node] = links.GetValueOrDefault(node) + 1;
        return links;
    }
}
