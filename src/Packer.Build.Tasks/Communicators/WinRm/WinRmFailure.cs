namespace Packer.Communicators.WinRm;

/// <summary>How far a try to use WinRM came before it failed.</summary>
internal enum WinRmPhase
{
    /// <summary>The machine has no address yet.</summary>
    Address,

    /// <summary>Nothing accepts a TCP connection.</summary>
    Connection,

    /// <summary>The connection was accepted, but no WinRM service has answered.</summary>
    Answer,

    /// <summary>The certificate of the machine was not accepted.</summary>
    Certificate,

    /// <summary>The service did not let the user in.</summary>
    Login,

    /// <summary>The user was let in, but no PowerShell has run.</summary>
    Shell,
}

/// <summary>A request that has got no answer of WS-Management, in a way that may pass.</summary>
/// <param name="phase">How far it came.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">The cause.</param>
internal sealed class WinRmFailure(WinRmPhase phase, string message, Exception? inner = null) : Exception(message, inner)
{
    public WinRmPhase Phase { get; } = phase;
}
