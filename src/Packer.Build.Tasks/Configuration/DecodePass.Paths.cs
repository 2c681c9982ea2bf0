using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Configuration.Templates;

namespace Packer.Configuration;

/// <summary>Paths and the inputs of the image.</summary>
internal sealed partial class DecodePass
{
    /// <summary>Makes a path full. The merged config keeps it as written, so that a plan does not depend on where the project lies.</summary>
    private Outcome FinishPath(string path, RawValue raw, ConfigField field)
    {
        string full;
        try
        {
            full = ConfigPaths.MakeFull(path, context.ProjectDirectory);
        }
        catch (ArgumentException)
        {
            ReportWrong(raw, "a path", null);
            return Outcome.Failed;
        }

        NotePath(path);
        var isInput = field.PathKind is ConfigPathKind.InputFile or ConfigPathKind.InputFiles or ConfigPathKind.InputPaths or ConfigPathKind.InputDirectory;
        if (isInput && !TryAddInput(path, full, raw, field))
        {
            return Outcome.Failed;
        }

        return new Outcome(OutcomeKind.Set, full, JsonValue.Create(TemplateEngine.Escape(ConfigPaths.NormalizeSeparators(path))));
    }

    private bool TryAddInput(string path, string full, RawValue raw, ConfigField field)
    {
        var isEither = field.PathKind == ConfigPathKind.InputPaths;
        var isDirectory = isEither ? Directory.Exists(full) : field.PathKind == ConfigPathKind.InputDirectory;
        _inputs.Add(new ConfigInput(raw.Path, full, isDirectory ? ConfigInputKind.Directory : ConfigInputKind.File, raw.Source.Origin));
        if (!context.CheckInputs || (isDirectory ? Directory.Exists(full) : File.Exists(full)))
        {
            return true;
        }

        var kind = isEither ? "file or directory" : isDirectory ? "directory" : "file";
        Error(DiagnosticCodes.InputMissing, raw.Source,
            $"{raw.Source.DisplayName} is '{path}', but there is no {kind} '{full}'. Correct the path: it is relative to the project directory.");
        return false;
    }

    private void NotePath(string written)
    {
        var path = ConfigPaths.NormalizeSeparators(written);
        if (Path.IsPathFullyQualified(path)) _fullPaths.Add(path);
    }

    /// <summary>Expands an element that is a pattern. False: it is none, so the element is a plain value.</summary>
    private bool TryExpand(RawValue raw, bool withDirectories, JsonArray canonical, List<object?> values, out bool success)
    {
        success = false;
        var written = raw.Plain ?? (raw.Json is JsonValue && raw.Json.GetValueKind() == JsonValueKind.String ? (string)raw.Json! : null);
        if (written is null || !FileGlob.IsPattern(written))
        {
            return false;
        }

        if (!TryRender(written, raw, out var rendered))
        {
            return true;
        }

        if (!rendered.IsComplete || !FileGlob.IsPattern(rendered.Text))
        {
            return false;
        }

        List<string> files;
        try
        {
            files = FileGlob.Expand(rendered.Text, context.ProjectDirectory, withDirectories);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Error(DiagnosticCodes.InputMissing, raw.Source, $"{raw.Source.DisplayName} is '{rendered.Text}', but its files cannot be listed: {exception.Message}");
            return true;
        }

        foreach (var file in files)
        {
            _inputs.Add(new ConfigInput(raw.Path, file, withDirectories && Directory.Exists(file) ? ConfigInputKind.Directory : ConfigInputKind.File, raw.Source.Origin));
            values.Add(file);
        }

        NotePath(rendered.Text);
        canonical.Add(JsonValue.Create(TemplateEngine.Escape(ConfigPaths.NormalizeSeparators(rendered.Text))));
        success = files.Count > 0 || !context.CheckInputs;
        if (!success)
        {
            Error(DiagnosticCodes.InputMissing, raw.Source,
                $"{raw.Source.DisplayName} is '{rendered.Text}', which matches no {(withDirectories ? "file or directory" : "file")}. Correct the pattern: it is relative to the project directory.");
        }

        return true;
    }
}
