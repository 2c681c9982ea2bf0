namespace Packer.Bench;

/// <summary>What a run of a program took.</summary>
/// <param name="Wall">Seconds until it ended.</param>
/// <param name="Cpu">
/// Seconds of processor time, user and system, of it and all of its children that have ended; not a number on systems other than Linux.
/// </param>
internal readonly record struct Cost(double Wall, double Cpu);
