namespace Packer;

/// <summary>How bad a <see cref="Diagnostic"/> is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The image can be built, but something should be put right.</summary>
    Warning,

    /// <summary>The image cannot be built.</summary>
    Error,
}

/// <summary>A place in a file that a person wrote.</summary>
/// <param name="File">The full path of the file.</param>
/// <param name="Line">The line, counted from 1; 0 when it is not known.</param>
/// <param name="Column">The column, counted from 1; 0 when it is not known.</param>
public sealed record SourceLocation(string File, int Line, int Column);

/// <summary>One thing to tell the user: what happened, where, and what to do next.</summary>
/// <param name="Code">The code, such as <c>PKR0012</c>; see <see cref="DiagnosticCodes"/>.</param>
/// <param name="Severity">Whether the image can still be built.</param>
/// <param name="Message">The text: the user's own key and value quoted, the next action last. It never holds a secret.</param>
/// <param name="Location">Where the cause stands, or null when no file is known.</param>
public sealed record Diagnostic(string Code, DiagnosticSeverity Severity, string Message, SourceLocation? Location = null)
{
    /// <summary>Makes an error.</summary>
    /// <param name="code">The code; see <see cref="DiagnosticCodes"/>.</param>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="location">Where the cause stands, if known.</param>
    /// <returns>The diagnostic.</returns>
    public static Diagnostic Error(string code, string message, SourceLocation? location = null) =>
        new(code, DiagnosticSeverity.Error, message, location);

    /// <summary>Makes a warning.</summary>
    /// <param name="code">The code; see <see cref="DiagnosticCodes"/>.</param>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="location">Where the cause stands, if known.</param>
    /// <returns>The diagnostic.</returns>
    public static Diagnostic Warning(string code, string message, SourceLocation? location = null) =>
        new(code, DiagnosticSeverity.Warning, message, location);
}
