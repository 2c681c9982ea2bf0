using Packer.Imaging;

namespace Packer.PostProcessors.Compress;

/// <summary>How several files become one.</summary>
internal enum ArchiveKind
{
    /// <summary>Not at all: one file is compressed.</summary>
    None,

    /// <summary>A tar archive.</summary>
    Tar,

    /// <summary>A zip archive, which compresses by itself.</summary>
    Zip,
}

/// <summary>An archive and a compression, as the end of a file's name tells them.</summary>
/// <param name="Archive">The archive.</param>
/// <param name="Compression">The compression's extension, like <c>gz</c>; empty for none, and for zip.</param>
internal sealed record CompressFormat(ArchiveKind Archive, string Compression)
{
    /// <summary>What can be asked for, for messages.</summary>
    public const string Known = ".tar, .zip, .gz, .bgzf, .xz, .zst, .lz4 and .bz2, and .tar with one of the last six";

    private static readonly string[] Compressions = ["gz", "bgzf", "xz", "zst", "lz4", "bz2"];

    private static readonly Dictionary<string, string> Shorthands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tgz"] = "tar.gz",
        ["txz"] = "tar.xz",
        ["tzst"] = "tar.zst",
        ["tbz2"] = "tar.bz2",
        ["bzip2"] = "bz2",
        ["zstd"] = "zst",
        ["gzip"] = "gz",
    };

    /// <summary>The highest level: 9, but 19 for Zstandard.</summary>
    public int MaximumLevel => Compression == "zst" ? 19 : 9;

    /// <summary>Reads a file's name, or only its ending with or without the first dot.</summary>
    /// <returns>The format, or null where it is not known.</returns>
    public static CompressFormat? TryParse(string name)
    {
        var parts = name.Split('.');
        parts = [.. parts[..^1], .. Shorthands.GetValueOrDefault(parts[^1], parts[^1]).ToLowerInvariant().Split('.')];
        var last = parts[^1];
        if (last == "tar") return new CompressFormat(ArchiveKind.Tar, "");
        if (last == "zip") return new CompressFormat(ArchiveKind.Zip, "");
        if (!Compressions.Contains(last)) return null;
        return new CompressFormat(parts.Length > 1 && string.Equals(parts[^2], "tar", StringComparison.OrdinalIgnoreCase) ? ArchiveKind.Tar : ArchiveKind.None, last);
    }

    /// <summary>Begins a stream of the compression.</summary>
    /// <param name="level">The level; 0 for the compression's usual one.</param>
    /// <param name="contentLength">Length of what will be compressed.</param>
    public CompressedStream CreateStream(int level, long contentLength) => Compression switch
    {
        "gz" => new GzipCompression(LevelOr(level, 6)),
        "bgzf" => new BgzfCompression(LevelOr(level, 6)),
        "xz" => new XzCompression(LevelOr(level, 6)),
        "zst" => new ZstandardCompression(LevelOr(level, 3)),
        "lz4" => new Lz4Compression(LevelOr(level, 1), contentLength),
        "bz2" => new Bzip2Compression(),
        _ => new NoCompression(),
    };

    /// <summary>The level of a zip archive's members.</summary>
    public static int ZipLevel(int level) => LevelOr(level, 6);

    private static int LevelOr(int level, int usual) => level <= 0 ? usual : level;
}
