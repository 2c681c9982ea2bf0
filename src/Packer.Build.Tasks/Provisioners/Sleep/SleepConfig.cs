namespace Packer.Provisioners.Sleep;

/// <summary>Settings of <c>sleep</c>, which waits.</summary>
public sealed record SleepConfig
{
    /// <summary>How long.</summary>
    [ConfigRequired]
    [ConfigRange("0s", "24h")]
    [NotPartOfImage]
    public TimeSpan? Duration { get; init; }
}
