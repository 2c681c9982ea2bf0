using System.Security.Cryptography;
using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Writes the disk behind the room for descriptor and manifest, which stand first in the archive but name its length and its hash, and fills that room at the end.
/// </summary>
internal sealed class OvaSink : IDiskSink
{
    private const int EndBlocks = 2;

    private readonly OutputFile file;
    private readonly DiskIdentity identity;
    private readonly OvfDescriptor descriptor;
    private readonly int descriptorLength;
    private readonly VmdkSink disk;
    private readonly IncrementalHash hash;
    private readonly long diskStart;
    private readonly string diskName;

    public OvaSink(SparseImage image, OutputFile file, DiskIdentity identity, OvaMachine machine)
    {
        this.file = file;
        this.identity = identity;
        diskName = identity.Name + "-disk1.vmdk";
        descriptor = new OvfDescriptor(identity.Name, diskName, image.Length, machine);
        // As long as it can become: what is missing is filled with white space.
        descriptorLength = descriptor.ToBytes(long.MaxValue).Length;
        diskStart = Head(new byte[descriptorLength], new byte[SHA256.HashSizeInBytes], 0).Length;
        file.Skip(diskStart);
        hash = file.StartHash();
        disk = new VmdkSink(image.Length, file, identity with { Name = Path.GetFileNameWithoutExtension(diskName) });
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk) => disk.Write(chunk);

    /// <inheritdoc/>
    public void Finish()
    {
        disk.Finish();
        var diskHash = Convert.FromHexString(file.FinishHash(hash));
        var diskLength = file.Position - diskStart;
        file.Skip(EndBlocks * TarHeader.Size);
        var text = new byte[descriptorLength];
        text.AsSpan().Fill((byte)'\n');
        descriptor.ToBytes(diskLength).CopyTo(text, 0);
        file.Patch(0, Head(text, diskHash, diskLength));
    }

    /// <summary>All that stands before the disk: the descriptor, the manifest, and the header of the disk.</summary>
    private byte[] Head(byte[] descriptorText, byte[] diskHash, long diskLength)
    {
        var manifest = Encoding.UTF8.GetBytes(
            $"SHA256({identity.Name}.ovf)= {Convert.ToHexStringLower(SHA256.HashData(descriptorText))}\nSHA256({diskName})= {Convert.ToHexStringLower(diskHash)}\n");
        return
        [
            .. TarHeaderWriter.File(identity.Name + ".ovf", descriptorText.Length, identity.Timestamp), .. Padded(descriptorText),
            .. TarHeaderWriter.File(identity.Name + ".mf", manifest.Length, identity.Timestamp), .. Padded(manifest),
            .. TarHeaderWriter.File(diskName, diskLength, identity.Timestamp),
        ];
    }

    private static byte[] Padded(byte[] content)
    {
        var padded = new byte[Alignment.RoundUp(content.Length, TarHeader.Size)];
        content.CopyTo(padded, 0);
        return padded;
    }
}
