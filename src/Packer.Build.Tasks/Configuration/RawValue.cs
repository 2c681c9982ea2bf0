using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>A value before decoding: text of a project file, a text split out of such, or JSON.</summary>
internal sealed class RawValue
{
    public RawValue(ConfigEntry entry, string path)
        : this(entry.Json, entry.Source, path) => (Text, EmptyIsUnset) = (entry.Text, entry.Text is not null);

    public RawValue(string plain, bool emptyIsUnset, ConfigSource source, string path)
        : this(null, source, path) => (Plain, EmptyIsUnset) = (plain, emptyIsUnset);

    public RawValue(JsonNode? json, ConfigSource source, string path) => (Json, Source, Path) = (json, source, path);

    public ConfigText? Text { get; }

    public string? Plain { get; }

    public JsonNode? Json { get; }

    public ConfigSource Source { get; }

    /// <summary>The place in the merged config, such as <c>users/0/password</c>.</summary>
    public string Path { get; }

    /// <summary>True: an empty text is the same as none.</summary>
    public bool EmptyIsUnset { get; }

    /// <summary>The text of a project file, unescaped; null for JSON.</summary>
    public string? Written => Text?.Unescape() ?? Plain;
}

/// <summary>What became of a value.</summary>
internal enum OutcomeKind
{
    /// <summary>It counts as not written.</summary>
    NotSet,

    /// <summary>It was decoded.</summary>
    Set,

    /// <summary>It depends on a template that cannot be answered yet: the property keeps its default, the merged config has the template.</summary>
    Deferred,

    /// <summary>It is wrong, and that has been reported.</summary>
    Failed,
}

/// <summary>A decoded value and its canonical form.</summary>
internal readonly struct Outcome(OutcomeKind kind, object? value = null, JsonNode? canonical = null)
{
    public static readonly Outcome NotSet = new(OutcomeKind.NotSet);

    public static readonly Outcome Failed = new(OutcomeKind.Failed);

    public OutcomeKind Kind { get; } = kind;

    public object? Value { get; } = value;

    public JsonNode? Canonical { get; } = canonical;
}
