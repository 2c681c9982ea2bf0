using System.Globalization;
using System.Runtime.InteropServices;

namespace Packer.Bench;

/// <summary>
/// All processes that come from this one, on Linux (proc(5), getrusage(2), prctl(2)). What a process leaves behind becomes our child where that is asked for,
/// so that nothing that it started goes uncounted.
/// </summary>
internal static class ProcessFamily
{
    private const int SetChildSubreaper = 36;
    private const int UsageOfChildren = -1;
    private const int NoHang = 1;

    /// <summary>The unit of times in /proc is the same on every machine that Linux runs .NET on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>The most memory that the processes had together at any moment, in bytes.</summary>
    /// <param name="Resident">The sum of what each has in memory; what several share counts for each.</param>
    /// <param name="Proportional">The sum in which what several share counts once, in shares.</param>
    /// <param name="Processes">How many were seen in all.</param>
    public readonly record struct Footprint(double Resident, double Proportional, int Processes);

    /// <summary>What a program took without a process that it started, and what that took.</summary>
    /// <param name="Own">Without it.</param>
    /// <param name="Footprint">Memory without it.</param>
    /// <param name="ApartCpu">Seconds of processor time of what is left out, up to the last look at it.</param>
    public readonly record struct Observation(Cost Own, Footprint Footprint, double ApartCpu);

    /// <summary>Takes in the orphans of our descendants, or no longer does.</summary>
    public static void AdoptOrphans(bool adopt) => _ = prctl(SetChildSubreaper, adopt ? 1 : 0, 0, 0, 0);

    /// <summary>Runs a program and takes its times.</summary>
    public static async Task<Cost> TimeAsync(Command command)
    {
        if (!OperatingSystem.IsLinux()) return new Cost(await command.RunAsync(), double.NaN);
        var before = ChildrenCpu();
        var wall = await command.RunAsync();
        await WaitForAllAsync();
        return new Cost(wall, ChildrenCpu() - before);
    }

    /// <summary>Runs a program and watches its memory. The watching costs time, so no times are taken.</summary>
    public static async Task<Footprint> WatchAsync(Command command, TimeSpan interval)
    {
        var seen = new HashSet<(int Id, string Started)>();
        double resident = 0, proportional = 0;
        var run = command.RunAsync();
        do
        {
            double nowResident = 0, nowProportional = 0;
            foreach (var (id, started) in Descendants())
            {
                seen.Add((id, started));
                var (rss, pss) = Memory(id);
                nowResident += rss;
                nowProportional += pss;
            }
            resident = Math.Max(resident, nowResident);
            proportional = Math.Max(proportional, nowProportional);
        }
        while (await Task.WhenAny(run, Task.Delay(interval)) != run);
        await run;
        await WaitForAllAsync();
        return new Footprint(resident, proportional, seen.Count);
    }

    /// <summary>Runs a program and takes its times and its memory without those of some process that it starts, a machine for example.</summary>
    /// <param name="command">What is run.</param>
    /// <param name="apart">Says by the name of a process (at most 15 characters) whether it is left out.</param>
    /// <param name="interval">Time between two looks. What is left out spends its last moments unseen; they count for the program.</param>
    /// <param name="look">Called at each look.</param>
    /// <param name="heard">Is given each line of the program's output.</param>
    public static async Task<Observation> ObserveAsync(Command command, Func<string, bool> apart, TimeSpan interval, Action look, Action<string> heard)
    {
        var seen = new HashSet<(int Id, string Started)>();
        var left = new Dictionary<(int Id, string Started), double>();
        double resident = 0, proportional = 0;
        var before = ChildrenCpu();
        var run = command.RunAsync(heard);
        do
        {
            look();
            double nowResident = 0, nowProportional = 0;
            foreach (var process in Descendants())
            {
                if (TryRead(process.Id, "stat") is not { } stat) continue;
                var (start, end) = (stat.IndexOf('('), stat.LastIndexOf(')'));
                if (apart(stat[(start + 1)..end]))
                {
                    var fields = stat[(end + 2)..].Split(' ');
                    left[process] = (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
                    continue;
                }
                seen.Add(process);
                var (rss, pss) = Memory(process.Id);
                nowResident += rss;
                nowProportional += pss;
            }
            resident = Math.Max(resident, nowResident);
            proportional = Math.Max(proportional, nowProportional);
        }
        while (await Task.WhenAny(run, Task.Delay(interval)) != run);
        var wall = await run;
        await WaitForAllAsync();
        var others = left.Values.Sum();
        return new Observation(new Cost(wall, ChildrenCpu() - before - others), new Footprint(resident, proportional, seen.Count), others);
    }

    /// <summary>Ends the processes in whose environment a text stands, by their ids.</summary>
    public static void EndByEnvironment(string entry)
    {
        foreach (var id in IdsByEnvironment(entry))
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(id);
                process.Kill();
                process.WaitForExit();
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }

    /// <summary>How many processes have a text in their environment.</summary>
    public static int CountByEnvironment(string entry) => IdsByEnvironment(entry).Count();

    private static IEnumerable<int> IdsByEnvironment(string entry) =>
        Ids().Where(id => (TryRead(id, "environ") ?? "").Split('\0').Contains(entry, StringComparer.Ordinal));

    /// <summary>Nodes end a moment after the build that used them.</summary>
    private static async Task WaitForAllAsync()
    {
        while (true)
        {
            while (waitpid(-1, IntPtr.Zero, NoHang) > 0)
            {
            }
            if (!Descendants().Any()) return;
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    private static double ChildrenCpu()
    {
        // struct rusage: two struct timeval (seconds, microseconds), then 14 numbers.
        var usage = new long[18];
        if (getrusage(UsageOfChildren, usage) != 0) throw new InvalidOperationException("getrusage failed.");
        return usage[0] + usage[2] + (usage[1] + usage[3]) / 1e6;
    }

    private static IEnumerable<(int Id, string Started)> Descendants()
    {
        var parents = new Dictionary<int, (int Parent, string Started)>();
        foreach (var id in Ids())
        {
            // The name of the program stands in parentheses and may hold any character: what follows the last one counts.
            if (TryRead(id, "stat") is not { } stat) continue;
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            parents[id] = (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        foreach (var (id, (parent, started)) in parents)
        {
            for (var ancestor = parent; ancestor > 0; ancestor = parents.TryGetValue(ancestor, out var above) ? above.Parent : 0)
            {
                if (ancestor != Environment.ProcessId) continue;
                yield return (id, started);
                break;
            }
        }
    }

    private static (double Resident, double Proportional) Memory(int id)
    {
        double resident = 0, proportional = 0;
        foreach (var line in (TryRead(id, "smaps_rollup") ?? "").Split('\n'))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal)) resident = Kibibytes(line);
            else if (line.StartsWith("Pss:", StringComparison.Ordinal)) proportional = Kibibytes(line);
        }
        return (resident, proportional);

        static double Kibibytes(string line) => 1024 * double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static IEnumerable<int> Ids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) yield return id;
    }

    private static string? TryRead(int id, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // Three plain calls, by the names that they have.
    [DllImport("libc")]
    private static extern int prctl(int option, nint argument2, nint argument3, nint argument4, nint argument5);

    [DllImport("libc")]
    private static extern int getrusage(int who, [Out] long[] usage);

    [DllImport("libc")]
    private static extern int waitpid(int id, IntPtr status, int options);
#pragma warning restore SYSLIB1054, IDE1006
}
