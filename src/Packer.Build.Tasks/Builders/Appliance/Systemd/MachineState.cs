using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>A machine while its root file system is composed: the tree, and what is written into it when all packages have had their say.</summary>
internal sealed class MachineState
{
    /// <param name="tree">Has the files of all packages.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="timestamp">The time of all that is made.</param>
    public MachineState(FileTree tree, MachineArchitecture architecture, long timestamp)
    {
        Tree = tree;
        Architecture = architecture;
        Timestamp = timestamp;
        Users = new SystemUsers(tree);
        Units = new SystemdUnits(tree, timestamp);
    }

    public FileTree Tree { get; }

    public MachineArchitecture Architecture { get; }

    public long Timestamp { get; }

    public SystemUsers Users { get; }

    public SystemdUnits Units { get; }

    public List<AddAlternative> Alternatives { get; } = [];

    public List<(string From, string To, string Package)> Diversions { get; } = [];

    /// <summary>Lines of dpkg's file <c>statoverride</c>.</summary>
    public List<string> Overrides { get; } = [];

    /// <summary>Metadata of something of root's that is made for the image.</summary>
    /// <param name="mode">The octal digits of the mode.</param>
    public NodeMetadata Metadata(int mode) => new(Permissions.Octal(mode), Timestamp);

    /// <summary>The text of a file, or null where there is none.</summary>
    public string? ReadText(string path) => Tree.Find(path) is { Type: NodeType.File } node ? System.Text.Encoding.UTF8.GetString(node.Data.ReadAll()) : null;
}
