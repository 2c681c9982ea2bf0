namespace Packer.Communicators;

/// <summary>Where the server of a machine listens.</summary>
/// <param name="Host">Name or IP address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record MachineAddress(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
