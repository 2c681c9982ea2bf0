using Packer.Configuration;

namespace Packer;

/// <summary>Collects what an author's own checks of a config find.</summary>
public sealed class ConfigValidation
{
    private readonly DecodeContext decoding;
    private readonly MergedConfig merged;
    private readonly List<Diagnostic> diagnostics = [];

    internal ConfigValidation(DecodeContext decoding, MergedConfig merged)
    {
        this.decoding = decoding;
        this.merged = merged;
    }

    internal IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Notes an error. Call it for each fault: the user sees all of them at once.</summary>
    /// <param name="code">The code, like <see cref="DiagnosticCodes.WrongValue"/>; plugins may use codes of their own.</param>
    /// <param name="key">The property of the config record that is at fault (<c>nameof</c>), or null where it is none alone.</param>
    /// <param name="message">What is wrong and what to do. The name of the image or step is put before it.</param>
    public void Error(string code, string? key, string message) => Add(DiagnosticSeverity.Error, code, key, message);

    /// <summary>Notes a warning.</summary>
    /// <param name="code">The code.</param>
    /// <param name="key">The property of the config record that is at fault (<c>nameof</c>), or null where it is none alone.</param>
    /// <param name="message">What was noticed and what to do. The name of the image or step is put before it.</param>
    public void Warning(string code, string? key, string message) => Add(DiagnosticSeverity.Warning, code, key, message);

    private void Add(DiagnosticSeverity severity, string code, string? key, string message)
    {
        var origin = key is null ? null : merged.Find(KeyName.ToSnakeCase(key))?.Origin;
        var location = origin is null ? null : decoding.Locate?.Invoke(origin);
        location ??= decoding.Locate?.Invoke(new ConfigOrigin(ConfigLayerKind.Item, ""));
        diagnostics.Add(new Diagnostic(code, severity, $"{char.ToUpperInvariant(decoding.Owner[0])}{decoding.Owner[1..]}: {message}", location));
    }
}
