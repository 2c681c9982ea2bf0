namespace Packer.Communicators.Ssh;

/// <summary>Remembers why one could not log in: the try that came farthest, and the last one.</summary>
internal sealed class SshFailures
{
    private SshFailure? farthest;
    private SshFailure? last;

    public void Add(SshFailure failure)
    {
        if (farthest is null || failure.Phase >= farthest.Phase) farthest = failure;
        last = failure;
    }

    /// <summary>The error that tells the user why waiting has ended.</summary>
    /// <param name="spent">What was spent: a time, or a number of tries.</param>
    public PackerException Explain(string spent)
    {
        if (farthest is null) return new PackerException(DiagnosticCodes.SshNotListening, $"The machine could not be reached over SSH within {spent}: no try has ended. Raise SshTimeout.");
        var (code, what, next) = farthest.Phase switch
        {
            SshPhase.Address => (DiagnosticCodes.SshAddressUnknown, "The machine had no address", "Look at its console: it may not have booted, or its network is not up; or raise SshTimeout."),
            SshPhase.Connection => (DiagnosticCodes.SshNotListening, "Nothing accepted an SSH connection", "Check that the machine has booted, that its SSH server is started, and the address and port; or raise SshTimeout."),
            SshPhase.Answer => (DiagnosticCodes.SshNoAnswer, "No SSH server answered", "Check that the machine has booted up to its SSH server; or raise SshTimeout."),
            SshPhase.Handshake => (DiagnosticCodes.SshNoAnswer, "The SSH handshake did not succeed", "Check SshCiphers and SshKeyExchangeAlgorithms, and the server's log."),
            _ => (DiagnosticCodes.SshLoginRefused, "The SSH server did not let the user in", "Check SshUsername and the password or key, and that the server allows this way to log in."),
        };
        // Where the machine fell back, as one that crashes does, both states help.
        var since = last is not null && last.Phase < farthest.Phase ? $" Later: {last.Message}" : "";
        return new PackerException(code, $"{what} within {spent}. {farthest.Message}{since} {next}", farthest);
    }
}
