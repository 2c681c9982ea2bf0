using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Packer.Builders.Appliance;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Small packages with the files that matter, as the cache holds them: expanded tar archives in a folder.</summary>
internal sealed class TestPackages(string folder, MachineArchitecture architecture)
{
    public const string KernelVersion = "6.12.0-test";

    private readonly List<ImagePackage> packages = [];

    public IReadOnlyList<ImagePackage> All => packages;

    /// <summary>All packages that an image is made of.</summary>
    public static TestPackages Complete(string folder) => Complete(folder, MachineArchitecture.X64);

    /// <summary>All packages that an image for a processor is made of.</summary>
    public static TestPackages Complete(string folder, MachineArchitecture architecture)
    {
        var result = new TestPackages(folder, architecture);
        var (debian, libraries, firmware) = (architecture.Debian, architecture.Libraries, architecture.Firmware);
        result.Add("base-files", ("bin", "->usr/bin"), ("lib", "->usr/lib"), ("lib64", "->usr/lib64"), ("sbin", "->usr/sbin"), ("usr/bin/", ""), ("usr/lib/", ""), ("usr/lib64/", ""), ("usr/sbin/", ""),
            ("etc/debian_version", "13.1\n"), ("usr/share/doc/base-files/copyright", "free"), ("usr/share/doc/base-files/README", "read me"));
        result.Add("busybox-static", ("usr/bin/busybox", "\u007FELF busybox"), ("usr/share/man/man1/busybox.1.gz", "help"));
        result.Add("ca-certificates", ("usr/share/ca-certificates/mozilla/B.crt", "second"), ("usr/share/ca-certificates/mozilla/A.crt", "first\n"), ("usr/sbin/update-ca-certificates", "#!/bin/sh\n"));
        result.Add("libc6", ($"lib/{libraries}/libc.so.6", "libc"), ($"usr/lib/{libraries}/gconv/EUC-KR.so", "conversion"), ("usr/share/locale/de/LC_MESSAGES/libc.mo", "Hallo"));
        result.Add("tzdata", ("usr/share/zoneinfo/Etc/UTC", "TZif"));
        result.Add(architecture.CloudKernel, ($"usr/share/doc/{architecture.CloudKernel}/copyright", "free"));
        result.Add("linux-image-6.12.0-test", KernelFiles());
        result.Add("shim-signed", ($"usr/lib/shim/shim{firmware}.efi.signed", "shim"));
        result.Add($"shim-helpers-{debian}-signed", ($"usr/lib/shim/mm{firmware}.efi.signed", "key manager"), ($"usr/lib/shim/fb{firmware}.efi.signed", "fallback"));
        result.Add($"systemd-boot-efi-{debian}-signed", ($"usr/lib/systemd/boot/efi/systemd-boot{firmware}.efi.signed", "boot loader"));
        return result;
    }

    /// <summary>Adds a package; a name that ends in a slash is a folder, a content that begins with an arrow the target of a link.</summary>
    public void Add(string name, params (string Path, string Content)[] files) => Add(name, [.. files.Select(file => (file.Path, Encoding.Latin1.GetBytes(file.Content)))]);

    public void Add(string name, params (string Path, byte[] Content)[] files)
    {
        var path = Path.Combine(folder, $"tar-{packages.Count}");
        using (var stream = File.Create(path))
        using (var writer = new TarWriter(stream, TarEntryFormat.Gnu))
            foreach (var (file, content) in files) writer.WriteEntry(Entry("./" + file, content));
        packages.Add(new ImagePackage(name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), path, $"Package: {name}\nVersion: 1.0\nArchitecture: {architecture.Debian}\nDescription: test\n more\n"));
    }

    /// <summary>Gives the package that was added last its control files.</summary>
    public void Control(params (string Name, string Content)[] files) =>
        packages[^1] = packages[^1] with { ControlFiles = files.ToDictionary(file => file.Name, file => Encoding.UTF8.GetBytes(file.Content.Replace("\r\n", "\n", StringComparison.Ordinal)), StringComparer.Ordinal) };

    private static GnuTarEntry Entry(string path, byte[] content)
    {
        var text = Encoding.Latin1.GetString(content);
        var type = path.EndsWith('/') ? TarEntryType.Directory : text.StartsWith("->", StringComparison.Ordinal) ? TarEntryType.SymbolicLink : TarEntryType.RegularFile;
        var entry = new GnuTarEntry(type, path) { ModificationTime = DateTimeOffset.FromUnixTimeSeconds(4_000_000_000), Mode = (UnixFileMode)(type == TarEntryType.RegularFile ? 0x1A4 : 0x1ED) };
        if (type == TarEntryType.SymbolicLink) entry.LinkName = text[2..];
        if (type == TarEntryType.RegularFile) entry.DataStream = new MemoryStream(content);
        return entry;
    }

    /// <summary>A kernel that has some of the drivers as modules and all others built in.</summary>
    private static (string, byte[])[] KernelFiles()
    {
        const string Folder = $"usr/lib/modules/{KernelVersion}/";
        var builtIn = string.Concat(KernelModules.Default.Where(name => name is not ("virtio_blk" or "virtio_net")).Select(name => $"kernel/{name}.ko\n"));
        return
        [
            ("boot/vmlinuz-" + KernelVersion, Encoding.UTF8.GetBytes("kernel")),
            (Folder + "kernel/virtio_blk.ko", ElfBuilder.Module("alias=virtio:d00000002v*", "depends=")),
            (Folder + "kernel/net/virtio_net.ko", ElfBuilder.Module("depends=net-failover", "alias=virtio:d00000001v*")),
            (Folder + "kernel/net/net_failover.ko", ElfBuilder.Module("depends=")),
            (Folder + "modules.builtin", Encoding.UTF8.GetBytes(builtIn)),
        ];
    }
}
