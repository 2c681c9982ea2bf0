using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Packer.Engine;

/// <summary>A process that cannot be taken for a later one with the same id.</summary>
/// <param name="Id">Process id.</param>
/// <param name="StartTime">When it started, in a form that is only ever compared; without spaces.</param>
internal readonly record struct ProcessIdentity(int Id, string StartTime);

/// <summary>Looks at the processes of this machine. Those that have ended but were not yet collected by their parent (zombies) count as gone.</summary>
internal static class ProcessTable
{
    private const string Proc = "/proc";

    /// <summary>The identity of the process with an id, or null where there is none.</summary>
    public static ProcessIdentity? Find(int id)
    {
        if (id <= 0) return null;
        if (OperatingSystem.IsLinux()) return ReadStat(id, BootId())?.Identity;
        try
        {
            using var process = Process.GetProcessById(id);
            return new ProcessIdentity(id, process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether this very process, not a later one with its id, still runs.</summary>
    public static bool IsAlive(ProcessIdentity process) => Find(process.Id) == process;

    /// <summary>
    /// Finds what is left of a tree: a process, its descendants, and on Linux also those that were cut off from it but carry its mark in their
    /// environment, with their descendants.
    /// </summary>
    /// <param name="root">The first process of the tree, or null where it is not known.</param>
    /// <param name="mark">The environment variable and its value that all of the tree inherited: <c>NAME=value</c>.</param>
    public static IReadOnlyList<ProcessIdentity> FindTree(ProcessIdentity? root, string mark)
    {
        if (!OperatingSystem.IsLinux()) return root is { } process && IsAlive(process) ? [process] : [];
        var bootId = BootId();
        var all = new List<Stat>();
        foreach (var folder in Directory.EnumerateDirectories(Proc))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId && ReadStat(id, bootId) is { } stat)
            {
                all.Add(stat);
            }
        }
        var children = all.ToLookup(stat => stat.ParentId);
        var bytes = Encoding.UTF8.GetBytes(mark);
        var found = new Dictionary<int, ProcessIdentity>();
        var open = new Stack<Stat>(all.Where(stat => stat.Identity == root || HasVariable(stat.Identity.Id, bytes)));
        while (open.TryPop(out var stat))
        {
            if (!found.TryAdd(stat.Identity.Id, stat.Identity)) continue;
            foreach (var child in children[stat.Identity.Id]) open.Push(child);
        }
        return [.. found.Values];
    }

    private static bool HasVariable(int id, ReadOnlySpan<byte> variable)
    {
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes($"{Proc}/{id}/environ");
            foreach (var range in environment.Split((byte)0))
            {
                if (environment[range].SequenceEqual(variable)) return true;
            }
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }

    /// <summary>Reads <c>/proc/[pid]/stat</c> (proc(5)): 3 is the state, 4 the parent, 22 the start in clock ticks since boot.</summary>
    private static Stat? ReadStat(int id, string bootId)
    {
        try
        {
            var text = File.ReadAllText($"{Proc}/{id}/stat");
            // The second field, the program's name, may hold anything, blanks and brackets too; the last bracket ends it.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X") return null;
            return new Stat(new ProcessIdentity(id, $"{bootId}:{fields[19]}"), int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ticks since boot mean nothing without the boot that they are counted from.</summary>
    private static string BootId()
    {
        try
        {
            return File.ReadAllText($"{Proc}/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private sealed record Stat(ProcessIdentity Identity, int ParentId);
}
