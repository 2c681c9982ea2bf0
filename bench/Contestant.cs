namespace Packer.Bench;

/// <summary>One of those that are compared.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Command">What is run and timed.</param>
internal sealed record Contestant(string Name, Command Command)
{
    /// <summary>How much data the disk has with which the library's own code is warmed up.</summary>
    public const int WarmUpMebibytes = 64;

    private readonly List<Cost> costs = [];

    public double MedianWall => Statistics.Median([.. costs.Select(cost => cost.Wall)]);

    public double MinimumWall => costs.Min(cost => cost.Wall);

    public double MedianCpu => Statistics.Median([.. costs.Select(cost => cost.Cpu)]);

    /// <summary>
    /// Runs all by turns (ABC, BCA, CAB, …), so that what else the machine does falls on each alike, and none always follows the same other.
    /// A first round warms up and does not count.
    /// </summary>
    /// <param name="contestants">Those that are compared.</param>
    /// <param name="rounds">How often each runs and counts.</param>
    /// <param name="afterRound">Called after each round.</param>
    public static async Task RaceAsync(IReadOnlyList<Contestant> contestants, int rounds, Action? afterRound = null)
    {
        for (var round = -1; round < rounds; round++)
        {
            for (var turn = 0; turn < contestants.Count; turn++)
            {
                var contestant = contestants[(turn + round + 1) % contestants.Count];
                var cost = await ProcessFamily.TimeAsync(contestant.Command);
                if (round >= 0) contestant.costs.Add(cost);
            }
            afterRound?.Invoke();
        }
    }

    /// <summary>The median of what this one took more than another in the same round, which the load of a machine moves least.</summary>
    public double MedianBeyond(Contestant other, Func<Cost, double> what) =>
        Statistics.Median([.. costs.Zip(other.costs, (mine, others) => what(mine) - what(others))]);
}
