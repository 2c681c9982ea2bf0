using System.Text.Json.Nodes;
using Packer.Configuration.Templates;

namespace Packer.Configuration;

/// <summary>The messages. A value is never quoted where its type can hold a secret, nor that of an unknown key, which may be a misspelt secret.</summary>
internal sealed partial class DecodePass
{
    private const int LongestQuote = 120;

    private void ReportUnknown(ConfigEntry entry, ConfigRecordType record, ConfigSource? parent)
    {
        if (parent is null)
        {
            if (entry.Key.StartsWith(InjectedPrefix, StringComparison.OrdinalIgnoreCase) || entry.Key.Equals("type", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            if (entry.Source.Origin.Layer is ConfigLayerKind.ProjectProperty or ConfigLayerKind.GlobalProperty)
            {
                _unknownProperties.Add(entry.Source.Origin);
                return;
            }
        }

        var nearest = Suggestion.Nearest(KeyName.ToSnakeCase(entry.Key), record.Names);
        var hint = nearest is null ? "Correct or remove it." : $"Did you mean '{KeyName.InStyleOf(entry.Key, nearest)}'?";
        Error(DiagnosticCodes.UnknownKey, entry.Source, $"{entry.Source.DisplayName} is not known. {hint}");
    }

    private void ReportMissing(ConfigField field, ConfigSource? parent)
    {
        if (parent is not null)
        {
            Error(DiagnosticCodes.RequiredKeyMissing, parent, $"{parent.DisplayName} lacks the required key '{field.Name}'. Add it.");
            return;
        }

        Add(DiagnosticCodes.RequiredKeyMissing, DiagnosticSeverity.Error, null,
            $"the required key '{KeyName.ToPascalCase(field.Name)}' is not set. Set it on the item, or as '{field.Name}' in its ConfigFile.");
    }

    private void ReportWrong(RawValue raw, ConfigValueType type)
    {
        var written = KeyName.ToSnakeCase(raw.Written ?? (raw.Json is JsonValue value && value.TryGetValue<string>(out var text) ? text : ""));
        ReportWrong(raw, ScalarDecoder.Expected(type), Suggestion.Nearest(written, type.Members.Select(static member => member.Name)));
    }

    private void ReportWrong(RawValue raw, string expected, string? nearest)
    {
        var hint = nearest is null || IsHidden ? "" : $" Did you mean '{nearest}'?";
        Error(DiagnosticCodes.WrongValue, raw.Source, $"{raw.Source.DisplayName} {Is(raw)}, but must be {expected}.{hint}");
    }

    private void ReportJson(RawValue raw, ConfigValueType type, ConfigJsonError error)
    {
        var reason = IsHidden ? "" : $": {error.Message.TrimEnd('.')}";
        Error(DiagnosticCodes.WrongValue, raw.Source,
            $"{raw.Source.DisplayName} {Is(raw)}, but must be {ScalarDecoder.Expected(type)}; it is wrong at line {error.Line}, column {error.Column}{reason}.");
    }

    private void ReportTemplate(RawValue raw, TemplateException exception)
    {
        var text = IsHidden
            ? $"{raw.Source.DisplayName} is no valid template (its value is secret and so not shown). Write {{{{\"{{{{\"}}}} for two literal braces."
            : $"{raw.Source.DisplayName} {Is(raw)}, which is wrong at column {exception.Column}: {exception.Message}{(exception.Message.EndsWith('?') ? "" : ".")}";
        Error(DiagnosticCodes.TemplateError, raw.Source, text);
    }

    private void ReportIncomplete(RawValue raw) => Error(DiagnosticCodes.TemplateError, raw.Source,
        $"{raw.Source.DisplayName} {Is(raw)}, which asks for something that is not known yet when the value is needed. Use another function or a fixed value.");

    private bool IsHidden => _field is not null && types.HoldsSecrets(_field.ValueType);

    private string Is(RawValue raw)
    {
        if (IsHidden)
        {
            return "has a value that is not shown, since it is secret";
        }

        var text = raw.Written ?? (raw.Json is JsonValue value && value.TryGetValue<string>(out var json) ? json : raw.Json?.ToJsonString() ?? "null");
        return $"is '{(text.Length > LongestQuote ? text[..LongestQuote] + "…" : text)}'";
    }

    private void Error(string code, ConfigSource source, string text) => Add(code, DiagnosticSeverity.Error, source, text);

    private void Warn(string code, ConfigSource source, string text) => Add(code, DiagnosticSeverity.Warning, source, text);

    private void Add(string code, DiagnosticSeverity severity, ConfigSource? source, string text)
    {
        var location = source is null ? null : source.Location ?? context.Locate?.Invoke(source.Origin);
        _diagnostics.Add(new ConfigDiagnostic(new Diagnostic(code, severity, $"{Capitalize(context.Owner)}: {text}", location), source?.Origin));
    }
}
