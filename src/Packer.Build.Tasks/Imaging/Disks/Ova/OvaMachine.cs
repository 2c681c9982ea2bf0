namespace Packer.Imaging;

/// <summary>The machine that an OVA proposes.</summary>
internal sealed record OvaMachine
{
    /// <summary>Number of virtual processors.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMebibytes { get; init; } = 1024;
}
