namespace Packer;

/// <summary>
/// A failure that is told to the user by its code and message alone: the message says what happened and what to do next.
/// Any other exception that leaves a component counts as a defect of that component.
/// </summary>
/// <param name="code">The diagnostic code; see <see cref="DiagnosticCodes"/>. Plugins take codes of their own outside <c>PKR</c>.</param>
/// <param name="message">What happened, and what to do next. It must not hold a secret.</param>
/// <param name="inner">The cause; its stack goes to the diagnostic log only.</param>
public class PackerException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The diagnostic code, such as <c>PKR0017</c>.</summary>
    public string Code { get; } = code;
}
