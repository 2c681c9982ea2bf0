using System.Globalization;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddHostedService<Counter>();
await builder.Build().RunAsync();

/// <summary>Counts, and goes on after a restart of the machine where it was. Its home is on the partition for data.</summary>
internal sealed class Counter(ILogger<Counter> logger) : BackgroundService
{
    private readonly string path = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? ".", "count");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var count = File.Exists(path) ? int.Parse(await File.ReadAllTextAsync(path, stoppingToken), CultureInfo.InvariantCulture) : 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            count++;
            // A machine can lose its power at any time: the old count stays until the new one is whole.
            await File.WriteAllTextAsync(path + ".new", count.ToString(CultureInfo.InvariantCulture), stoppingToken);
            File.Move(path + ".new", path, overwrite: true);
            logger.LogInformation("Count {Count}", count);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
