namespace Packer.Imaging;

/// <summary>Finds the disk of an appliance in one file (DMTF DSP0243 1.1.0, section 5.3): the one VMDK of the archive.</summary>
internal static class OvaReader
{
    private const int MaximumMembers = 1000;
    private const string Advice = "Unpack it with 'tar -xf', and convert its disks one by one.";

    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static DiskFile FindDisk(DiskFile file)
    {
        var members = Members(file);
        if (!members.Any(member => IsNamed(member, ".ovf"))) throw file.Damaged("the archive has no OVF descriptor");
        var disks = members.Where(member => member.Type == TarEntryType.File && IsNamed(member, ".vmdk")).ToList();
        if (disks.Count != 1) throw file.Unsupported($"it has {disks.Count} VMDK files{(disks.Count == 0 ? "" : $" ({string.Join(", ", disks.Take(5).Select(disk => disk.Name))})")}, and exactly one is expected", Advice);
        return new DiskFile(new SliceSource(file.Bytes, disks[0].DataOffset, disks[0].Length), $"{file.Name}:{disks[0].Name}", DiskFileKind.Vmdk);
    }

    /// <summary>Whether a file is an archive whose first member is an OVF descriptor.</summary>
    public static bool Recognizes(Source bytes)
    {
        try
        {
            return TarReader.Read(bytes).FirstOrDefault() is { } first && IsNamed(first, ".ovf");
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static List<TarEntry> Members(DiskFile file)
    {
        try
        {
            return [.. TarReader.Read(file.Bytes).Take(MaximumMembers)];
        }
        catch (FormatException cause)
        {
            throw file.Damaged(cause.Message, cause);
        }
    }

    private static bool IsNamed(TarEntry member, string extension) => member.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
