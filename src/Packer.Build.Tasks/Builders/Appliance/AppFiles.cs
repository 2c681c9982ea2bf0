using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The published app: whether it can run in the image, and its files there.</summary>
internal static class AppFiles
{
    private const string DebugSymbols = ".dbg";

    private static readonly UnixFileMode ProgramMode = Permissions.Octal(755);
    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    /// <summary>Refuses an app that would not start: of another system, another processor, or without its program.</summary>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.AppDoesNotRun"/>.</exception>
    public static void Check(AppContent app)
    {
        var path = Path.Combine(app.Directory, app.EntryPoint);
        if (!System.IO.File.Exists(path)) throw DoesNotRun(app, "it is not in the publish output");
        var program = ElfFile.TryOpen(new FileSource(path, 0, new FileInfo(path).Length)) ?? throw DoesNotRun(app, "it is not a 64-bit Linux program");
        var architecture = MachineArchitecture.Of(app.RuntimeIdentifier);
        if (program.Machine != architecture.ElfMachine) throw DoesNotRun(app, "it is for another processor");
        // A static program asks for no loader, and runs anywhere.
        if (program.Interpreter() is { } loader && loader != architecture.Loader) throw DoesNotRun(app, $"it needs the loader '{loader}' of another C library");
    }

    /// <summary>Adds an app's files with the modes that they need, whatever they have on the host: Windows has none.</summary>
    public static void AddTo(FileTree tree, GuestApp app, long timestamp, FilePool files)
    {
        HostTree.AddTo(tree, app.Content.Directory, app.Folder, Metadata, files);
        // Debug symbols of native code are larger than the code and of no use where there is no debugger.
        foreach (var entry in tree.Walk().Where(entry => IsSymbols(entry.Path, app.Folder)).ToList()) tree.Remove(entry.Path);

        NodeMetadata Metadata(HostEntry entry) => new(entry.Type switch
        {
            NodeType.SymbolicLink => Permissions.Octal(777),
            NodeType.Directory => ProgramMode,
            _ => entry.Path == app.Program || IsElf(entry.HostPath) ? ProgramMode : FileMode,
        }, timestamp);
    }

    private static bool IsSymbols(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal) && path.EndsWith(DebugSymbols, StringComparison.Ordinal);

    private static bool IsElf(string path)
    {
        using var file = System.IO.File.OpenHandle(path);
        Span<byte> start = stackalloc byte[4];
        return RandomAccess.Read(file, start, 0) == start.Length && ElfFile.HasMagic(start);
    }

    private static PackerException DoesNotRun(AppContent app, string why) => new(DiagnosticCodes.AppDoesNotRun,
        $"The app's program '{app.EntryPoint}', published for '{app.RuntimeIdentifier}' to '{app.Directory}', would not run in the image: {why}. Publish it self-contained for 'linux-x64', the default, or 'linux-arm64': correct the RuntimeIdentifier that says otherwise.");
}
