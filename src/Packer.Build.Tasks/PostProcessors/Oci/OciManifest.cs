using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Packer.PostProcessors.Oci;

/// <summary>A blob of an artifact.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Digest">Its digest, like <c>sha256:…</c>.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record OciBlob(string Path, string Digest, long Size);

/// <summary>
/// The manifest of an artifact that is no container image (OCI image specification 1.1, "Guidelines for Artifact Usage"): a kind, an empty configuration, and a layer
/// for each file, which has the file's name as its title. The same files give the same manifest.
/// </summary>
internal static class OciManifest
{
    /// <summary>Media type of a manifest.</summary>
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    private const string EmptyMediaType = "application/vnd.oci.empty.v1+json";
    private const string Title = "org.opencontainers.image.title";

    /// <summary>The configuration that says nothing.</summary>
    public static byte[] EmptyConfiguration => "{}"u8.ToArray();

    /// <summary>The digest of bytes.</summary>
    public static string DigestOf(ReadOnlySpan<byte> bytes) => "sha256:" + System.Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The manifest as it is pushed.</summary>
    public static byte[] Create(OciConfig config, IReadOnlyList<OciBlob> blobs)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", MediaType);
            writer.WriteString("artifactType", config.ArtifactType);
            writer.WritePropertyName("config");
            WriteDescriptor(writer, EmptyMediaType, DigestOf(EmptyConfiguration), EmptyConfiguration.Length, []);
            writer.WriteStartArray("layers");
            foreach (var blob in blobs) WriteDescriptor(writer, config.MediaType, blob.Digest, blob.Size, [KeyValuePair.Create(Title, System.IO.Path.GetFileName(blob.Path))]);
            writer.WriteEndArray();
            WriteAnnotations(writer, config.Annotations);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteDescriptor(Utf8JsonWriter writer, string mediaType, string digest, long size, IReadOnlyCollection<KeyValuePair<string, string>> annotations)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", mediaType);
        writer.WriteString("digest", digest);
        writer.WriteNumber("size", size);
        WriteAnnotations(writer, annotations);
        writer.WriteEndObject();
    }

    private static void WriteAnnotations(Utf8JsonWriter writer, IReadOnlyCollection<KeyValuePair<string, string>> annotations)
    {
        if (annotations.Count == 0) return;
        writer.WriteStartObject("annotations");
        foreach (var (name, value) in annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal)) writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
