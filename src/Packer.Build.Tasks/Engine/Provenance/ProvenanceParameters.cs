using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Engine.Planning;

namespace Packer.Engine.Provenance;

/// <summary>
/// What the user has set, as JSON: keys in snake_case with their merged values. A secret is its reference (<c>env:NAME</c>) or a mark; other text loses every
/// secret that is known, what an address may hold as one, and the folders of this machine.
/// </summary>
internal sealed class ProvenanceParameters
{
    private readonly SecretRedactor secrets;
    private readonly List<KeyValuePair<string, string>> folders;

    /// <param name="plan">The plan of the image.</param>
    /// <param name="secrets">What must not appear.</param>
    /// <param name="localFiles">Paths outside of the project that the plan does not know as such.</param>
    public ProvenanceParameters(ImagePlan plan, SecretRedactor secrets, IEnumerable<string>? localFiles = null)
    {
        this.secrets = secrets;
        // The longest first, since one may lie in another.
        folders = [.. new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Normal(plan.CacheDirectory)] = "<cache>",
            [Normal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))] = "~",
            [Normal(plan.OutputDirectory)] = "<output>",
            [Normal(plan.ProjectDirectory)] = ".",
        }.Concat([.. (plan.Provenance?.OutsideFiles ?? []).Concat(localFiles ?? []).Distinct(StringComparer.Ordinal).Select(path => KeyValuePair.Create(path, Path.GetFileName(Path.TrimEndingDirectorySeparator(path))))])
            .Where(folder => folder.Key.Length > 1).OrderByDescending(folder => folder.Key.Length)];
    }

    /// <summary>The settings of a component.</summary>
    public JsonObject Of(ComponentPlan component) => new()
    {
        ["type"] = component.Name,
        ["settings"] = new JsonObject(component.Config.Values.Where(value => value.Origin.Layer is not (ConfigLayerKind.Defaults or ConfigLayerKind.Injected))
            .Select(value => KeyValuePair.Create(value.Key, Clean(value.Value)))),
    };

    /// <summary>The settings of several components, in their order.</summary>
    public JsonArray Of(IEnumerable<ComponentPlan> components) => new([.. components.Select(Of)]);

    /// <summary>A text without secrets and without folders of this machine.</summary>
    public string Clean(string text)
    {
        foreach (var (folder, name) in folders) text = Replace(text, folder, name);
        return secrets.Redact(text);
    }

    private JsonNode? Clean(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(Clean(pair.Key), Clean(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Clean)]),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String => JsonValue.Create(Clean(WithoutCredentials((string)value!))),
        _ => node?.DeepClone(),
    };

    /// <summary>An address without user, password and query, as in the log; other text as it is.</summary>
    private static string WithoutCredentials(string text) =>
        (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.UserInfo.Length > 0 || address.Query.Length > 0) ? Address.Display(address) : text;

    /// <summary>Replaces a path where it ends as a path does: <c>/src/app</c> is no part of <c>/src/application</c>.</summary>
    private static string Replace(string text, string path, string name)
    {
        for (var at = 0; (at = text.IndexOf(path, at, StringComparison.Ordinal)) >= 0;)
        {
            var end = at + path.Length;
            var isWhole = end == text.Length || !(char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.');
            if (!isWhole || (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '/' or '.')))
            {
                at = end;
                continue;
            }
            text = string.Concat(text.AsSpan(0, at), name, text.AsSpan(end));
            at += name.Length;
        }
        return text;
    }

    private static string Normal(string path) => Path.TrimEndingDirectorySeparator(path).Replace('\\', '/');
}
