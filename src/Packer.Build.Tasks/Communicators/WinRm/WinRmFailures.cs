namespace Packer.Communicators.WinRm;

/// <summary>Remembers why WinRM could not be used: the try that came farthest, and the last one.</summary>
/// <param name="say">Is told when a try comes to another phase than the one before.</param>
internal sealed class WinRmFailures(Action<string> say)
{
    private WinRmFailure? farthest;
    private WinRmFailure? last;

    public void Add(WinRmFailure failure)
    {
        if (farthest is null || failure.Phase >= farthest.Phase) farthest = failure;
        if (last?.Phase != failure.Phase) say($"Not yet: {failure.Message}");
        last = failure;
    }

    /// <summary>The error that tells the user why waiting has ended.</summary>
    /// <param name="spent">What was spent.</param>
    public PackerException Explain(string spent)
    {
        if (farthest is null) return new PackerException(DiagnosticCodes.WinRmNotListening, $"The machine could not be reached over WinRM within {spent}: no try has ended. Raise WinrmTimeout.");
        var (code, what, next) = farthest.Phase switch
        {
            WinRmPhase.Address => (DiagnosticCodes.WinRmAddressUnknown, "The machine had no address", "Look at its console: it may not have booted, or its network is not up; or raise WinrmTimeout."),
            WinRmPhase.Connection => (DiagnosticCodes.WinRmNotListening, "Nothing accepted a WinRM connection", "Check that the machine has booted, that WinRM is enabled and its firewall lets it in, and WinrmPort; or raise WinrmTimeout."),
            WinRmPhase.Answer => (DiagnosticCodes.WinRmNoAnswer, "No WinRM service answered", "Check that what listens there is WinRM, and that WinrmUseSsl fits the port; or raise WinrmTimeout."),
            WinRmPhase.Certificate => (DiagnosticCodes.WinRmCertificateRefused, "The certificate of the machine was not accepted", "Trust its issuer, or set WinrmInsecure where the way to the machine is safe."),
            WinRmPhase.Login => (DiagnosticCodes.WinRmLoginRefused, "The WinRM service did not let the user in", "Check WinrmUsername and WinrmPassword, and that the service allows this way to log in."),
            _ => (DiagnosticCodes.WinRmNotReady, "The machine ran no PowerShell", "Let it finish booting, and look at its console; or raise WinrmTimeout."),
        };
        // Where the machine fell back, as one that restarts does, both states help.
        var since = last is not null && last.Phase < farthest.Phase ? $" Later: {last.Message}" : "";
        return new PackerException(code, $"{what} within {spent}. {farthest.Message}{since} {next}", farthest);
    }
}
