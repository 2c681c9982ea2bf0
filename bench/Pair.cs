namespace Packer.Bench;

/// <summary>The times, in seconds, of two that do the same one after the other, taking turns at being first.</summary>
internal sealed class Pair
{
    private readonly List<double> ours = [];
    private readonly List<double> theirs = [];

    public double Ours => Statistics.Median(ours);

    public double Theirs => Statistics.Median(theirs);

    public double MinimumOfOurs => ours.Min();

    public double MinimumOfTheirs => theirs.Min();

    /// <summary>The median of the ratios within each round, which the load of a machine moves least.</summary>
    public double Ratio => Statistics.Median([.. ours.Zip(theirs, (mine, other) => mine / other)]);

    /// <summary>The median of what ours took more within each round.</summary>
    public double Beyond => Statistics.Median([.. ours.Zip(theirs, (mine, other) => mine - other)]);

    /// <summary>The last round.</summary>
    public string Last => $"{ours[^1]:F2} s, {theirs[^1]:F2} s";

    /// <summary>Runs both.</summary>
    /// <param name="runOurs">Ours; returns the seconds that it took.</param>
    /// <param name="runTheirs">Theirs, likewise.</param>
    /// <param name="round">The number of the round; those below 0 warm up and do not count.</param>
    public async Task RunAsync(Func<Task<double>> runOurs, Func<Task<double>> runTheirs, int round)
    {
        var isOursFirst = (round & 1) == 0;
        var mine = isOursFirst ? await runOurs() : 0;
        var other = await runTheirs();
        if (!isOursFirst) mine = await runOurs();
        Add(mine, other, round);
    }

    /// <summary>Takes the times of a round.</summary>
    public void Add(double mine, double other, int round)
    {
        if (round < 0) return;
        ours.Add(mine);
        theirs.Add(other);
    }
}
