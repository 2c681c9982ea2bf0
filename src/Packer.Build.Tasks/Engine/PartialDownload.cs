using System.Text.Json;

namespace Packer.Engine;

/// <summary>
/// A download that has not ended: the bytes so far, and beside them what entity they are of (RFC 9110, section 8.8), so that only more of the same
/// entity is ever added to them.
/// </summary>
/// <param name="path">Full path of the finished file.</param>
internal sealed class PartialDownload(string path)
{
    /// <summary>Full path of the bytes so far.</summary>
    public string FilePath { get; } = path + ".partial";

    private string SidecarPath => FilePath + ".json";

    /// <summary>Bytes so far.</summary>
    public long Length => new FileInfo(FilePath) is { Exists: true } file ? file.Length : 0;

    /// <summary>What the bytes are of, or null where that is not known or there are none.</summary>
    public PartialEntity? ReadEntity()
    {
        try
        {
            return Length > 0 ? JsonSerializer.Deserialize<PartialEntity>(File.ReadAllBytes(SidecarPath)) : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Begins anew, with bytes of this entity to come.</summary>
    public async Task BeginAsync(PartialEntity entity, CancellationToken token)
    {
        // Deleted first, the bytes can never be taken for those of the new entity.
        Delete();
        await AtomicFile.WriteAsync(SidecarPath, JsonSerializer.SerializeToUtf8Bytes(entity), token);
    }

    /// <summary>Opens the bytes to add more at the end.</summary>
    public FileStream Append() => new(FilePath, FileMode.Append, FileAccess.Write, FileShare.Read, 1, FileOptions.Asynchronous);

    /// <summary>Makes the bytes the finished file.</summary>
    public void Publish()
    {
        AtomicFile.Flush(FilePath);
        AtomicFile.Publish(FilePath, path);
        File.Delete(SidecarPath);
    }

    /// <summary>Forgets the bytes.</summary>
    public void Delete()
    {
        File.Delete(SidecarPath);
        File.Delete(FilePath);
    }
}

/// <summary>What the bytes of a download are of.</summary>
/// <param name="Source">Digest of the address that they came from; the address itself may hold a secret.</param>
/// <param name="ETag">The strong entity tag, or null.</param>
/// <param name="LastModified">The time of change, or null.</param>
/// <param name="Length">Bytes in all, or null where not known.</param>
internal sealed record PartialEntity(string Source, string? ETag, DateTimeOffset? LastModified, long? Length)
{
    /// <summary>Whether the server can tell if it still has the same entity.</summary>
    public bool CanResume => ETag is not null || LastModified is not null;
}
