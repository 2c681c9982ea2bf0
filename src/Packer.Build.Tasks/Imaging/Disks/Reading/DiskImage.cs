namespace Packer.Imaging;

/// <summary>
/// A disk in a file, opened to be read: its bytes are expanded where they are asked for, by whoever asks, and what the file leaves out is a hole. Memory does
/// not depend on the size of the disk.
/// </summary>
internal sealed class DiskImage : IDisposable
{
    private readonly HostFileSource file;
    private readonly IDisposable? reader;

    private DiskImage(HostFileSource file, DiskFileKind kind, Source disk)
    {
        this.file = file;
        reader = disk as IDisposable;
        Kind = kind;
        Disk = new SparseImage(disk.Length);
        Disk.Add(0, disk);
    }

    /// <summary>The form of the file.</summary>
    public DiskFileKind Kind { get; }

    /// <summary>The disk, as <see cref="DiskWriter"/> takes it. Not to be used after this is disposed.</summary>
    public SparseImage Disk { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="kind">The form of the file; null finds it by what it holds.</param>
    /// <exception cref="ImagingException">The file cannot be read, is damaged, or is no disk.</exception>
    public static DiskImage Open(string path, DiskFileKind? kind = null)
    {
        var file = HostFileSource.Open(path);
        try
        {
            var form = kind ?? Detect(file, path);
            return new DiskImage(file, form, OpenDisk(file, path, form));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The form of a file, by what it holds.</summary>
    /// <exception cref="ImagingException">It is no disk.</exception>
    public static DiskFileKind Detect(Source bytes, string name)
    {
        var (kind, reason) = DiskFileDetection.Detect(bytes);
        return kind ?? throw new ImagingException($"'{name}' is no disk that can be read: {reason}. Give a raw, qcow2, VHD, VHDX, VMDK or OVA file; if it is the bytes of a disk all the same, say that its format is raw.");
    }

    /// <summary>The disk in the bytes of a file. It is disposed by who asked for it, where it can be.</summary>
    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static Source OpenDisk(Source bytes, string name, DiskFileKind kind)
    {
        var file = new DiskFile(bytes, name, kind);
        return kind switch
        {
            DiskFileKind.Qcow2 => Qcow2Source.Open(file),
            DiskFileKind.Vhd => VhdReader.Open(file),
            DiskFileKind.Vhdx => VhdxReader.Open(file),
            DiskFileKind.Vmdk => VmdkReader.Open(file),
            DiskFileKind.Ova => VmdkReader.Open(OvaReader.FindDisk(file)),
            _ => bytes,
        };
    }

    public void Dispose()
    {
        reader?.Dispose();
        file.Dispose();
    }
}
