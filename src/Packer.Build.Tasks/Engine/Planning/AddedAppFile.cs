using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>The apps of other projects as a plan holds them.</summary>
internal static class AddedAppFile
{
    /// <summary>An app as JSON.</summary>
    public static JsonObject Write(AddedApp app) => new()
    {
        ["name"] = app.Name,
        ["directory"] = app.Content.Directory,
        ["entry_point"] = app.Content.EntryPoint,
        ["runtime_identifier"] = app.Content.RuntimeIdentifier,
        ["invariant_globalization"] = app.Content.InvariantGlobalization,
        ["options"] = OptionsOf(app),
    };

    /// <summary>How it is started, as JSON: the same options give the same text.</summary>
    public static JsonObject OptionsOf(AddedApp app)
    {
        var options = app.Options;
        var environment = new JsonObject();
        foreach (var (name, value) in options.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal)) environment[name] = value;
        return new JsonObject
        {
            ["arguments"] = new JsonArray([.. options.Arguments.Select(argument => (JsonNode?)JsonValue.Create(argument))]),
            ["environment"] = environment,
            ["user"] = options.User,
            ["working_directory"] = options.WorkingDirectory,
            ["http_port"] = options.HttpPort,
        };
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public static AddedApp Read(JsonNode json)
    {
        var options = json["options"]!;
        return new AddedApp(
            (string)json["name"]!,
            new AppContent((string)json["directory"]!, (string)json["entry_point"]!, (string)json["runtime_identifier"]!) { InvariantGlobalization = (bool)json["invariant_globalization"]! },
            new AppOptions
            {
                Arguments = [.. options["arguments"]!.AsArray().Select(argument => (string)argument!)],
                Environment = options["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal),
                User = (string?)options["user"],
                WorkingDirectory = (string?)options["working_directory"],
                HttpPort = (int?)options["http_port"],
            });
    }
}
