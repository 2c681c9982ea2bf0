using Packer.Configuration;

namespace Packer;

/// <summary>Collects what an author's own checks of a config find.</summary>
public sealed class ConfigValidation
{
    private readonly DecodeContext decoding;
    private readonly MergedConfig merged;
    private readonly List<Diagnostic> diagnostics = [];
    private readonly List<ConfigInput> inputs = [];

    internal ConfigValidation(DecodeContext decoding, MergedConfig merged)
    {
        this.decoding = decoding;
        this.merged = merged;
    }

    internal IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>The inputs that <see cref="AddInput"/> has found.</summary>
    internal IReadOnlyList<ConfigInput> Inputs => inputs;

    /// <summary>Whether the image is planned, and not built: then texts may hold what is not known yet.</summary>
    internal bool IsPlan => !decoding.TemplatesMustBeComplete;

    /// <summary>Whether <see cref="AddUnknownInput"/> was called.</summary>
    internal bool HasUnknownInputs { get; private set; }

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

    /// <summary>
    /// Makes a file or folder an input of the image where only other keys say that it is one; for all other keys there are the attributes. What
    /// does not exist is <c>PKR0019</c>. A path that is not known before the image is built is none.
    /// </summary>
    /// <param name="key">The property of the config record that holds the path (<c>nameof</c>).</param>
    /// <param name="path">The path as written.</param>
    internal void AddInput(string key, string path)
    {
        if (IsKnownLate(path))
        {
            AddUnknownInput();
            return;
        }
        var full = Path.TrimEndingDirectorySeparator(ConfigPaths.MakeFull(path, decoding.ProjectDirectory));
        var name = KeyName.ToSnakeCase(key);
        var isFolder = Directory.Exists(full);
        inputs.Add(new ConfigInput(name, full, isFolder ? ConfigInputKind.Directory : ConfigInputKind.File, merged.Find(name)?.Origin));
        if (decoding.CheckInputs && !isFolder && !File.Exists(full))
            Error(DiagnosticCodes.InputMissing, key, $"'{key}' is '{path}', but there is no file or folder '{full}'. Correct the path: it is relative to the project directory.");
    }

    /// <summary>Whether a text is known only while the image is built, as the path of another image's artifact is.</summary>
    internal bool IsKnownLate(string text) => IsPlan && text.Contains("{{", StringComparison.Ordinal);

    /// <summary>Says that the component reads what is known only while the image is built, so that no checkpoint can stand for its work.</summary>
    internal void AddUnknownInput() => HasUnknownInputs = true;

    private void Add(DiagnosticSeverity severity, string code, string? key, string message)
    {
        var origin = key is null ? null : merged.Find(KeyName.ToSnakeCase(key))?.Origin;
        var location = origin is null ? null : decoding.Locate?.Invoke(origin);
        location ??= decoding.Locate?.Invoke(new ConfigOrigin(ConfigLayerKind.Item, ""));
        diagnostics.Add(new Diagnostic(code, severity, $"{char.ToUpperInvariant(decoding.Owner[0])}{decoding.Owner[1..]}: {message}", location));
    }
}
