namespace Packer.Configuration.Templates;

/// <summary>A template is wrong (<c>PKR0018</c>). The message may quote the template.</summary>
/// <param name="message">What is wrong, and what to do next; without the column.</param>
/// <param name="column">The character of the template, counted from 1.</param>
internal sealed class TemplateException(string message, int column) : PackerException(DiagnosticCodes.TemplateError, message)
{
    /// <summary>The character of the template at which it is wrong, counted from 1.</summary>
    public int Column { get; } = column;
}
