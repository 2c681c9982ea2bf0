using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Packer.Imaging;

/// <summary>
/// A container image in one file: an image layout (OCI image specification 1.1, "Image Layout") in a tar archive, with the list that Docker reads where it knows
/// no layouts (Docker image specification 1.2, "manifest.json"). Docker, Podman, containerd and skopeo load it.
/// </summary>
internal static class OciArchive
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
    private const string BlobFolder = "blobs/sha256/";
    private const string Tag = "latest";

    /// <summary>The level that gzip has by itself.</summary>
    private const int LayerLevel = 6;

    // No text of it stands in a page; quotes and signs of other alphabets stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the archive. After an error or a cancellation there is none.</summary>
    /// <param name="image">The image.</param>
    /// <param name="archive">Full path of the archive; a file that exists is replaced.</param>
    /// <param name="temporaryDirectory">A folder for the layers until they are in the archive.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="ImagingException">Something cannot be read or written.</exception>
    public static async Task<WrittenDisk> WriteAsync(OciImage image, string archive, string temporaryDirectory, CancellationToken token)
    {
        var layers = new List<Blob>();
        var contents = new List<string>();
        try
        {
            foreach (var layer in image.Layers)
            {
                var path = Path.Combine(temporaryDirectory, string.Create(CultureInfo.InvariantCulture, $"layer{layers.Count}.tar.gz"));
                var tar = TarImage.Create(layer.Entries);
                var content = HashAsync(tar, token);
                layers.Add(new Blob(LayerType, await CompressAsync(tar, path, token).ConfigureAwait(false), new FileSource(path, 0, new FileInfo(path).Length)));
                contents.Add(await content.ConfigureAwait(false));
            }
            return await DiskWriter.WriteAsync(TarImage.Create(Layout(image, layers, contents).Walk()), new RawFormat(), archive, new DiskWriteOptions { ComputeSha256 = true }, token).ConfigureAwait(false);
        }
        finally
        {
            foreach (var file in Directory.EnumerateFiles(temporaryDirectory, "layer*.tar.gz")) File.Delete(file);
        }
    }

    private static Task<string> CompressAsync(Source source, string path, CancellationToken token) =>
        OutputFile.WriteHashedAsync(path, file => ParallelCompression.WriteAsync(source, new GzipCompression(LayerLevel), file, progress: null, token), token);

    /// <summary>SHA-256 of a source, on another core than those that compress it.</summary>
    private static Task<string> HashAsync(Source source, CancellationToken token) => Task.Run(() => source.ComputeSha256(token), token);

    private static FileTree Layout(OciImage image, IReadOnlyList<Blob> layers, IReadOnlyList<string> contents)
    {
        var config = Blob.Of(ConfigType, Json(writer => WriteConfig(writer, image, contents)));
        var manifest = Blob.Of(ManifestType, Json(writer => WriteManifest(writer, config, layers)));
        var tree = new FileTree(image.Created);
        var metadata = new NodeMetadata(Permissions.Octal(644), image.Created);
        // An image may have the same layer twice, as an empty one.
        foreach (var blob in layers.Append(config).Append(manifest).DistinctBy(blob => blob.Sha256)) tree.AddFile(BlobFolder + blob.Sha256, blob.Content, metadata);
        tree.AddFile("oci-layout", """{"imageLayoutVersion":"1.0.0"}""", metadata);
        tree.AddFile("index.json", new BytesSource(Json(writer => WriteIndex(writer, image, manifest))), metadata);
        tree.AddFile("manifest.json", new BytesSource(Json(writer => WriteDockerList(writer, image, config, layers))), metadata);
        return tree;
    }

    private static void WriteConfig(Utf8JsonWriter json, OciImage image, IReadOnlyList<string> contents)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(image.Created).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("created", created);
        json.WriteString("architecture", image.Architecture);
        json.WriteString("os", "linux");
        json.WriteStartObject("config");
        json.WriteString("User", image.User);
        if (image.Ports.Count > 0)
        {
            json.WriteStartObject("ExposedPorts");
            foreach (var port in image.Ports)
            {
                json.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"{port}/tcp"));
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        WriteStrings(json, "Env", image.Environment.Select(variable => $"{variable.Key}={variable.Value}"));
        WriteStrings(json, "Entrypoint", image.Entrypoint);
        if (image.Arguments.Count > 0) WriteStrings(json, "Cmd", image.Arguments);
        json.WriteString("WorkingDir", image.WorkingDirectory);
        json.WriteEndObject();
        json.WriteStartObject("rootfs");
        json.WriteString("type", "layers");
        WriteStrings(json, "diff_ids", contents.Select(digest => "sha256:" + digest));
        json.WriteEndObject();
        json.WriteStartArray("history");
        foreach (var layer in image.Layers)
        {
            json.WriteStartObject();
            json.WriteString("created", created);
            json.WriteString("created_by", layer.Description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteManifest(Utf8JsonWriter json, Blob config, IReadOnlyList<Blob> layers)
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", ManifestType);
        json.WritePropertyName("config");
        WriteDescriptor(json, config, () => { });
        json.WriteStartArray("layers");
        foreach (var layer in layers) WriteDescriptor(json, layer, () => { });
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteIndex(Utf8JsonWriter json, OciImage image, Blob manifest)
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", IndexType);
        json.WriteStartArray("manifests");
        WriteDescriptor(json, manifest, () =>
        {
            json.WriteStartObject("platform");
            json.WriteString("architecture", image.Architecture);
            json.WriteString("os", "linux");
            json.WriteEndObject();
            json.WriteStartObject("annotations");
            // Where containerd takes the whole name from; all others know the tag only.
            json.WriteString("io.containerd.image.name", $"docker.io/library/{image.Name}:{Tag}");
            json.WriteString("org.opencontainers.image.ref.name", Tag);
            json.WriteEndObject();
        });
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDockerList(Utf8JsonWriter json, OciImage image, Blob config, IReadOnlyList<Blob> layers)
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("Config", BlobFolder + config.Sha256);
        WriteStrings(json, "RepoTags", [$"{image.Name}:{Tag}"]);
        WriteStrings(json, "Layers", layers.Select(layer => BlobFolder + layer.Sha256));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteDescriptor(Utf8JsonWriter json, Blob blob, Action more)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", blob.MediaType);
        json.WriteString("digest", "sha256:" + blob.Sha256);
        json.WriteNumber("size", blob.Content.Length);
        more();
        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options)) write(json);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A part of the image, known by its hash.</summary>
    private sealed record Blob(string MediaType, string Sha256, Source Content)
    {
        public static Blob Of(string mediaType, byte[] content) => new(mediaType, Convert.ToHexStringLower(SHA256.HashData(content)), new BytesSource(content));
    }
}
