namespace Packer.Debian;

/// <summary>The fields of a binary package in an index that choosing and fetching it needs (Debian Policy 5.3, repository format "Packages").</summary>
internal sealed record IndexedPackage
{
    /// <summary>Field Package.</summary>
    public required string Name { get; init; }

    /// <summary>Field Version.</summary>
    public required DebianVersion Version { get; init; }

    /// <summary>Field Architecture: one architecture or <c>all</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Field Filename: the path relative to the base of the archive.</summary>
    public required string Filename { get; init; }

    /// <summary>Field SHA256, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Field Size: the length of the file in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Field Source: the source package's name, and its version in parentheses where it differs; empty where both are the package's.</summary>
    public required string Source { get; init; }

    /// <summary>Field Pre-Depends, or empty.</summary>
    public required string PreDepends { get; init; }

    /// <summary>Field Depends, or empty.</summary>
    public required string Depends { get; init; }

    /// <summary>Field Provides, or empty.</summary>
    public required string Provides { get; init; }

    /// <summary>Field Conflicts, or empty.</summary>
    public required string Conflicts { get; init; }

    /// <summary>Field Breaks, or empty.</summary>
    public required string Breaks { get; init; }

    /// <summary>Field Priority, or empty.</summary>
    public required string Priority { get; init; }

    /// <summary>Field Essential.</summary>
    public required bool Essential { get; init; }
}
