namespace Packer.Communicators.Ssh;

/// <summary>How far a try to log in to a machine came before it failed.</summary>
internal enum SshPhase
{
    /// <summary>The machine has no address yet.</summary>
    Address,

    /// <summary>Nothing accepts a TCP connection.</summary>
    Connection,

    /// <summary>The connection was accepted, but no SSH server has named itself.</summary>
    Answer,

    /// <summary>An SSH server is there, but keys could not be exchanged with it.</summary>
    Handshake,

    /// <summary>The server did not let the user in.</summary>
    Login,
}

/// <summary>A try to log in that failed in a way that may pass.</summary>
/// <param name="phase">How far it came.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">The cause.</param>
internal sealed class SshFailure(SshPhase phase, string message, Exception? inner = null) : Exception(message, inner)
{
    public SshPhase Phase { get; } = phase;
}
