namespace Packer.Imaging;

/// <summary>The bytes of a disk's file as a reader of its format sees them: whatever it asks for beyond their end is an error that says so.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="name">What the file is called in messages.</param>
/// <param name="kind">What it is taken for.</param>
internal sealed class DiskFile(Source bytes, string name, DiskFileKind kind)
{
    /// <summary>Its length in bytes.</summary>
    public long Length => bytes.Length;

    /// <summary>The bytes as they are.</summary>
    public Source Bytes => bytes;

    /// <summary>What it is called in messages.</summary>
    public string Name => name;

    /// <summary>Fills the destination.</summary>
    /// <exception cref="ImagingException">The file ends before, or cannot be read.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (!Holds(offset, destination.Length)) throw Damaged($"it refers to {destination.Length} bytes at offset {offset}, but has only {bytes.Length}");
        bytes.Read(offset, destination);
    }

    /// <summary>Bytes that are known to be few.</summary>
    /// <exception cref="ImagingException">The file ends before, or cannot be read.</exception>
    public byte[] Read(long offset, int count)
    {
        // Before the memory is taken: a length in a damaged file may be anything.
        if (!Holds(offset, count)) throw Damaged($"it refers to {count} bytes at offset {offset}, but has only {bytes.Length}");
        var destination = new byte[count];
        bytes.Read(offset, destination);
        return destination;
    }

    /// <summary>Whether a range lies within the file.</summary>
    public bool Holds(long offset, long count) => offset >= 0 && count >= 0 && offset <= bytes.Length - count;

    /// <summary>The error for a file that contradicts its format.</summary>
    /// <param name="detail">What is wrong, as the end of a sentence.</param>
    /// <param name="cause">The exception that told it.</param>
    public ImagingException Damaged(string detail, Exception? cause = null)
    {
        var message = $"'{name}' is not a sound {NameOf(kind)} file: {detail}. It may be cut short or damaged: copy or build it again.";
        return cause is null ? new ImagingException(message) : new ImagingException(message, cause);
    }

    /// <summary>The error for a file that is sound, but of a sort that is not read here.</summary>
    /// <param name="detail">What sort, as the end of a sentence.</param>
    /// <param name="advice">What to do: a sentence of its own.</param>
    public ImagingException Unsupported(string detail, string advice) => new($"'{name}' cannot be read: {detail}. {advice}");

    private static string NameOf(DiskFileKind kind) => kind switch
    {
        DiskFileKind.Raw => "raw",
        DiskFileKind.Qcow2 => "qcow2",
        DiskFileKind.Vhd => "VHD",
        DiskFileKind.Vhdx => "VHDX",
        DiskFileKind.Vmdk => "VMDK",
        _ => "OVA",
    };
}
