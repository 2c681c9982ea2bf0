using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>One thing that a maintainer script does on a first installation, done to the tree of an image in its place.</summary>
internal abstract record ScriptEffect
{
    /// <summary>Does it.</summary>
    /// <param name="machine">The machine that is composed; it has the files of all packages.</param>
    /// <param name="package">The package whose script it is.</param>
    public abstract void Apply(MachineState machine, string package);
}

/// <summary>Has systemd start a unit (deb-systemd-helper(1p), <c>enable</c>).</summary>
internal sealed record EnableUnit(string Unit, bool ForUsers = false) : ScriptEffect
{
    public override void Apply(MachineState machine, string package) => machine.Units.Enable(Unit, ForUsers);
}

/// <summary>A name that goes along with an alternative, such as that of its manual page.</summary>
internal sealed record AlternativeSlave(string Link, string Name, string Path);

/// <summary>Makes a program one of several that can stand behind a name (update-alternatives(1), <c>--install</c>).</summary>
internal sealed record AddAlternative(string Link, string Name, string Path, int Priority, params AlternativeSlave[] Slaves) : ScriptEffect
{
    public override void Apply(MachineState machine, string package) => machine.Alternatives.Add(this);
}

/// <summary>Has a file of other packages be unpacked under another name (dpkg-divert(1)).</summary>
internal sealed record Divert(string From, string To) : ScriptEffect
{
    public override void Apply(MachineState machine, string package) => machine.Diversions.Add((From, To, package));
}

/// <summary>Has a library that lay in another folder before be unpacked under another name.</summary>
internal sealed record DivertLibrary(string Name, string Suffix) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        var path = $"/lib/{machine.Architecture.Libraries}/{Name}";
        new Divert(path, path + Suffix).Apply(machine, package);
    }
}

/// <summary>Gives a file another owner, group and mode.</summary>
/// <param name="Path">The file.</param>
/// <param name="Group">The name of the group; the owner is root.</param>
/// <param name="Mode">The mode, its octal digits.</param>
/// <param name="IsKept">Whether dpkg is to keep it in upgrades (dpkg-statoverride(1)).</param>
internal sealed record SetMode(string Path, string Group, int Mode, bool IsKept = false) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(Path) is not { } node) return;
        node.Metadata = new NodeMetadata(Permissions.Octal(Mode), 0, machine.Users.GroupId(Group), node.Metadata.ModificationTime);
        if (IsKept) machine.Overrides.Add(FormattableString.Invariant($"root {Group} {Mode} {Path}"));
    }
}

/// <summary>Makes a group of the system.</summary>
internal sealed record MakeGroup(string Name) : ScriptEffect
{
    public override void Apply(MachineState machine, string package) => machine.Users.AddGroup(Name);
}

/// <summary>Makes a folder that is not there yet.</summary>
internal sealed record MakeFolder(string Path, int Mode = 755, string Group = Accounts.Root) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(Path) is null) machine.Tree.AddDirectory(Path, new NodeMetadata(Permissions.Octal(Mode), 0, machine.Users.GroupId(Group), machine.Timestamp));
    }
}

/// <summary>Copies a file of a package to where it is not there yet.</summary>
internal sealed record CopyFile(string From, string To) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(To) is null && machine.Tree.Find(From) is { Type: NodeType.File } source) machine.Tree.AddFile(To, source.Data, source.Metadata);
    }
}

/// <summary>Makes a file that is not there yet.</summary>
internal sealed record MakeFile(string Path, string Text = "", int Mode = 644, string Group = Accounts.Root) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(Path) is null) machine.Tree.AddFile(Path, Text, new NodeMetadata(Permissions.Octal(Mode), 0, machine.Users.GroupId(Group), machine.Timestamp));
    }
}

/// <summary>Makes a symbolic link where nothing is yet.</summary>
internal sealed record MakeLink(string Path, string Target) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(Path) is null) machine.Tree.AddSymbolicLink(Path, Target, machine.Timestamp);
    }
}

/// <summary>Puts a link where a package has an empty folder.</summary>
internal sealed record ReplaceFolder(string Path, string Target) : ScriptEffect
{
    public override void Apply(MachineState machine, string package)
    {
        if (machine.Tree.Find(Path) is { Type: NodeType.Directory, Children.Count: 0 }) machine.Tree.Remove(Path);
        new MakeLink(Path, Target).Apply(machine, package);
    }
}

/// <summary>Copies a configuration file that ucf(1) looks after in upgrades.</summary>
internal sealed record CopyManagedFile(string From, string To) : ScriptEffect
{
    public const string Hashes = "/var/lib/ucf/hashfile";
    public const string Registry = "/var/lib/ucf/registry";

    public override void Apply(MachineState machine, string package)
    {
        new CopyFile(From, To).Apply(machine, package);
        if (machine.Tree.Find(From) is not { Type: NodeType.File } source) return;
        Append(Hashes, $"{DpkgDatabase.Hash(source)}  {To}\n");
        Append(Registry, $"{package} \t {To}\n");
        machine.Tree.AddFile("/var/lib/ucf/cache/" + To.Replace('/', ':'), source.Data, source.Metadata);

        void Append(string path, string line) => machine.Tree.AddFile(path, machine.ReadText(path) + line, machine.Metadata(644));
    }
}
