using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Which files of the packages enter the root file system, and what is written in place of their maintainer scripts.</summary>
internal static class PackageFiles
{
    private const string CertificatesFolder = "/usr/share/ca-certificates";
    private const string CertificateBundle = "/etc/ssl/certs/ca-certificates.crt";
    private const string DocumentationFolder = "/usr/share/doc/";
    private const string Copyright = "/copyright";

    /// <summary>This package makes /bin, /lib and /sbin links to folders below /usr, which all others then fill.</summary>
    private const string FirstPackage = "base-files";

    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    // Help for people at a terminal, the kernel, which lies on the boot partition, and character sets that only iconv of libc reads: .NET has its own.
    private static readonly string[] Dropped =
    [
        "/boot/", "/usr/lib/modules/", "/usr/lib/aarch64-linux-gnu/gconv/", "/usr/lib/x86_64-linux-gnu/gconv/", "/usr/share/base-files/", "/usr/share/bash-completion/", "/usr/share/bug/", "/usr/share/info/",
        "/usr/share/initramfs-tools/", "/usr/share/lintian/", "/usr/share/locale/", "/usr/share/man/", "/usr/share/menu/", "/usr/share/pixmaps/", "/usr/sbin/update-ca-certificates",
        "/etc/ca-certificates/", "/etc/update-motd.d/",
    ];

    /// <summary>Whether a file or folder of a package enters the image.</summary>
    /// <param name="path">Its path in the package.</param>
    public static bool IsKept(string path)
    {
        // Their licences ask that the copyright notices come with the programs.
        if (path.StartsWith(DocumentationFolder, StringComparison.Ordinal)) return path.EndsWith(Copyright, StringComparison.Ordinal);
        return !Dropped.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal) || path == prefix.TrimEnd('/'));
    }

    /// <summary>Adds the files of the packages, nothing younger than the time given.</summary>
    public static void AddTo(FileTree tree, IEnumerable<ImagePackage> packages, long timestamp, FilePool files, ApplianceContents contents)
    {
        foreach (var package in packages.OrderBy(package => package.Name != FirstPackage).ThenBy(package => package.Name, StringComparer.Ordinal))
        {
            TarTree.AddTo(tree, package.TarPath, IsKept, files);
            contents.Claim(tree, ApplianceContents.Packages, package.Name);
        }
        tree.ClampModificationTimes(timestamp);
    }

    /// <summary>
    /// Joins the certificate authorities into the one file that OpenSSL and with it .NET reads, as update-ca-certificates(8) does on an installed
    /// system, and drops the single files unless they are to be kept.
    /// </summary>
    public static void AddCertificateBundle(FileTree tree, long timestamp, bool keep = false)
    {
        if (tree.Find(CertificatesFolder) is not { Type: NodeType.Directory } folder) return;
        var parts = new List<Source>();
        foreach (var certificate in Certificates(folder))
        {
            parts.Add(certificate.Data);
            if (!EndsLine(certificate.Data)) parts.Add(new BytesSource("\n"));
        }
        // One source in memory, because a file of a hundred parts would become a hundred ranges of the disk.
        tree.AddFile(CertificateBundle, new BytesSource(new ConcatSource(parts).ReadAll()), new NodeMetadata(FileMode, timestamp));
        tree.AddSymbolicLink("/usr/lib/ssl/certs", "/etc/ssl/certs", timestamp);
        tree.AddSymbolicLink("/usr/lib/ssl/cert.pem", CertificateBundle, timestamp);
        if (!keep) tree.Remove(CertificatesFolder);
    }

    /// <summary>Says which packages are in the image where scanners for known vulnerabilities look: a paragraph each, as dpkg's status file has it.</summary>
    public static void AddPackageList(FileTree tree, IEnumerable<ImagePackage> packages, long timestamp)
    {
        foreach (var package in packages)
        {
            var lines = package.Control.Trim('\n').Split('\n').ToList();
            lines.Insert(1, "Status: install ok installed");
            tree.AddFile($"/var/lib/dpkg/status.d/{package.Name}", string.Join('\n', lines) + "\n", new NodeMetadata(FileMode, timestamp));
        }
    }

    private static IEnumerable<Node> Certificates(Node folder) => folder.Children.Values.SelectMany(node => node.Type switch
    {
        NodeType.Directory => Certificates(node),
        NodeType.File => [node],
        _ => [],
    });

    private static bool EndsLine(Source text)
    {
        if (text.Length == 0) return true;
        Span<byte> last = stackalloc byte[1];
        text.Read(text.Length - 1, last);
        return last[0] == '\n';
    }
}
