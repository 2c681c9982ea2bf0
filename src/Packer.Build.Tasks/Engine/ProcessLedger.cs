using System.Globalization;

namespace Packer.Engine;

/// <summary>
/// A file that names the processes that a build has started, for the case that the build itself is killed: the next one then ends them. A line is
/// <c>id start-time mark owner-id owner-start-time</c>; the owner is the process that builds. A line with id 0 stands before the start, so
/// that a process whose id was never written is still found by its mark.
/// </summary>
internal sealed class ProcessLedger
{
    private const string NotStarted = "-";

    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly ProcessIdentity owner;

    /// <summary>Opens a ledger; its file is made with the first line, and deleted with the last.</summary>
    /// <param name="path">Full path. Only one process at a time writes it: the caller holds the lock of the image.</param>
    public ProcessLedger(string path)
    {
        FullPath = path;
        owner = ProcessTable.Find(Environment.ProcessId)!.Value;
    }

    /// <summary>Full path of the file.</summary>
    public string FullPath { get; }

    /// <summary>Ends what the builds of dead owners left running, and forgets it. Lines of owners that live stay.</summary>
    /// <param name="path">Full path of the ledger; nothing happens where it does not exist.</param>
    /// <param name="token">Cuts the time that the processes have to end in good order.</param>
    /// <param name="grace">That time. Default: 5 s.</param>
    /// <returns>How many processes were ended.</returns>
    public static async Task<int> ReapAsync(string path, CancellationToken token, TimeSpan? grace = null)
    {
        if (!File.Exists(path)) return 0;
        var lines = ReadLines(path);
        var owners = lines.Select(line => line.Owner).Distinct().ToDictionary(owner => owner, ProcessTable.IsAlive);
        var trees = lines.Where(line => !owners[line.Owner]).GroupBy(line => line.Mark, StringComparer.Ordinal)
            .Select(tree => new ProcessTree(tree.Select(line => line.Process).FirstOrDefault(process => process is not null), tree.Key));
        var ended = await Task.WhenAll(trees.Select(tree => tree.EndAsync(grace ?? DefaultGrace, token)));
        Write(path, lines.Where(line => owners[line.Owner]));
        return ended.Sum();
    }

    /// <summary>Writes down that a process with this mark is about to start.</summary>
    public void Announce(string mark) => Append(new Line(null, mark, owner));

    /// <summary>Writes down which process carries the mark.</summary>
    public void Add(ProcessIdentity process, string mark) => Append(new Line(process, mark, owner));

    /// <summary>Forgets a tree that has ended.</summary>
    public void Remove(string mark)
    {
        lock (gate)
        {
            if (File.Exists(FullPath)) Write(FullPath, ReadLines(FullPath).Where(line => line.Mark != mark));
        }
    }

    private void Append(Line line)
    {
        lock (gate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(FullPath)!);
            using var stream = new FileStream(FullPath, FileMode.Append, FileAccess.Write, FileShare.Read, 1);
            // The line end before it keeps a half-written line, of a build that was killed or a disk that was full, apart.
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"\n{line}\n"));
        }
    }

    private static List<Line> ReadLines(string path) => [.. File.ReadAllLines(path).Select(Line.TryParse).OfType<Line>()];

    /// <summary>Not brought to the disk: a power cut ends the processes, too.</summary>
    private static void Write(string path, IEnumerable<Line> lines)
    {
        var text = string.Concat(lines.Select(line => $"{line}\n"));
        if (text.Length == 0)
        {
            File.Delete(path);
            return;
        }
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }

    private sealed record Line(ProcessIdentity? Process, string Mark, ProcessIdentity Owner)
    {
        public static Line? TryParse(string text)
        {
            // Whatever is not exactly a line is no reason to end a process.
            var fields = text.Split(' ');
            if (fields.Length != 5 || !Guid.TryParseExact(fields[2], "N", out _)) return null;
            if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
            if (!int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var ownerId) || fields[4].Length == 0) return null;
            return new Line(id == 0 ? null : new ProcessIdentity(id, fields[1]), fields[2], new ProcessIdentity(ownerId, fields[4]));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Process?.Id ?? 0} {Process?.StartTime ?? NotStarted} {Mark} {Owner.Id} {Owner.StartTime}");
    }
}
