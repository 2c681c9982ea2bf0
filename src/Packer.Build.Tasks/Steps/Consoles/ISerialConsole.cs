namespace Packer.Steps.Consoles;

/// <summary>The serial console of a machine.</summary>
internal interface ISerialConsole
{
    /// <summary>
    /// Waits until a text comes. What came since the text that the wait before found counts too, so that nothing is missed between two waits.
    /// </summary>
    /// <exception cref="PackerException">The time is over, or the console is gone.</exception>
    Task WaitForTextAsync(string text, TimeSpan timeout, CancellationToken token);
}
