using Packer.Configuration;

namespace Packer;

/// <summary>
/// A secret of a config: a reference (<c>env:NAME</c>, an environment variable; <c>file:PATH</c>, the text of a file) or the literal itself.
/// It never shows its value; a reference is resolved only when <see cref="Reveal"/> is called.
/// </summary>
public sealed class Secret
{
    private const string EnvironmentPrefix = "env:";
    private const string FilePrefix = "file:";

    private readonly string _text;
    private readonly string? _filePath;
    private readonly Func<string, string?> _environment;

    private Secret(string text, bool isReference, string? filePath, Func<string, string?> environment)
    {
        _text = text;
        _filePath = filePath;
        _environment = environment;
        IsReference = isReference;
    }

    /// <summary>True for <c>env:</c> and <c>file:</c>, false for a literal.</summary>
    public bool IsReference { get; }

    /// <summary>The reference as written, such as <c>env:GOLDEN_PASSWORD</c>; null for a literal.</summary>
    public string? Reference => IsReference ? _text : null;

    /// <summary>Makes a secret from the text of a config.</summary>
    /// <param name="text"><c>env:NAME</c>, <c>file:PATH</c> or a literal.</param>
    /// <param name="baseDirectory">The full path that a relative <c>file:</c> path starts from; needed only for such a path.</param>
    /// <returns>The secret; nothing has been resolved yet.</returns>
    /// <exception cref="ArgumentException">A relative <c>file:</c> path without a full <paramref name="baseDirectory"/>, or a path that can be none.</exception>
    public static Secret Parse(string text, string? baseDirectory = null) => Parse(text, baseDirectory, Environment.GetEnvironmentVariable);

    /// <summary>Makes a secret that is its text, whatever the text begins with.</summary>
    /// <param name="value">The secret itself.</param>
    /// <returns>The secret.</returns>
    public static Secret FromLiteral(string value) => new(value, false, null, Environment.GetEnvironmentVariable);

    /// <summary>Resolves the secret now. Text that a file ends with loses one line break.</summary>
    /// <returns>The secret itself: keep it no longer than needed, and register it with the log's filter before it can be printed.</returns>
    /// <exception cref="PackerException"><c>PKR0017</c>: the environment variable is not set, or the file cannot be read.</exception>
    public string Reveal()
    {
        if (!IsReference)
        {
            return _text;
        }

        return _filePath is null ? RevealEnvironment(_text[EnvironmentPrefix.Length..]) : RevealFile(_filePath);
    }

    /// <summary>The reference, or <c>***</c> for a literal; never the secret itself.</summary>
    /// <returns>A text that is safe to show.</returns>
    public override string ToString() => Reference ?? "***";

    /// <summary>Whether a text is a reference rather than a literal.</summary>
    internal static bool IsReferenceText(string text) =>
        text.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) || text.StartsWith(FilePrefix, StringComparison.Ordinal);

    internal static Secret Parse(string text, string? baseDirectory, Func<string, string?> environment)
    {
        if (!text.StartsWith(FilePrefix, StringComparison.Ordinal))
        {
            return new Secret(text, IsReferenceText(text), null, environment);
        }

        var path = ConfigPaths.NormalizeSeparators(text[FilePrefix.Length..]);
        if (!Path.IsPathFullyQualified(path))
        {
            if (baseDirectory is null || !Path.IsPathFullyQualified(baseDirectory))
            {
                throw new ArgumentException("A relative 'file:' path needs a full base directory.", nameof(baseDirectory));
            }

            path = Path.GetFullPath(path, baseDirectory);
        }

        return new Secret(text, true, path, environment);
    }

    private string RevealEnvironment(string name) =>
        _environment(name) ?? throw new PackerException(
            DiagnosticCodes.SecretUnresolved,
            $"The secret '{_text}' cannot be resolved: the environment variable '{name}' is not set. Set it in the environment of the build.");

    private string RevealFile(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            if (text.EndsWith('\n'))
            {
                text = text[..(text.EndsWith("\r\n", StringComparison.Ordinal) ? ^2 : ^1)];
            }

            return text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PackerException(
                DiagnosticCodes.SecretUnresolved,
                $"The secret '{_text}' cannot be resolved: the file '{path}' cannot be read ({exception.Message}). Correct the path, or give read access to it.",
                exception);
        }
    }
}
