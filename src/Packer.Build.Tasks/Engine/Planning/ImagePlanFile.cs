using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Engine.Provenance;

namespace Packer.Engine.Planning;

/// <summary>Reads and writes plans. A plan holds references to secrets and never their values, so it may stand in a log or a bug report.</summary>
internal static class ImagePlanFile
{
    private const int Schema = 3;

    public static string Write(ImagePlan plan)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlanJson.Options)) Write(plan, writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <exception cref="PackerException">The file is missing or damaged.</exception>
    public static ImagePlan Read(string path)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
            if ((int)json["schema"]! != Schema) throw new FormatException("It is of another version of the SDK.");
            return Read(json);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new PackerException(DiagnosticCodes.BuildFailed, $"The plan '{path}' cannot be read: {exception.Message} Build the project again; the plan is written anew.", exception);
        }
    }

    private static void Write(ImagePlan plan, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schema", Schema);
        writer.WriteString("image", plan.Image);
        writer.WriteString("build_hash", plan.BuildHash);
        writer.WriteString("post_process_hash", plan.PostProcessHash);
        writer.WriteString("project", plan.ProjectFile);
        if (plan.Location is { } location)
        {
            writer.WriteStartObject("location");
            writer.WriteString("file", location.File);
            writer.WriteNumber("line", location.Line);
            writer.WriteNumber("column", location.Column);
            writer.WriteEndObject();
        }
        writer.WriteString("output_directory", plan.OutputDirectory);
        writer.WriteString("plan_directory", plan.PlanDirectory);
        writer.WriteString("cache_directory", plan.CacheDirectory);
        writer.WriteBoolean("debug", plan.Debug);
        writer.WriteBoolean("force", plan.Force);
        writer.WriteString("on_error", plan.OnError.ToString());
        writer.WriteString("run_id", plan.RunId);
        writer.WriteBoolean("prefix_lines", plan.PrefixLines);
        WriteList(writer, "depends_on", plan.DependsOn);
        WriteMap(writer, "referenced_artifacts", plan.ReferencedArtifacts);
        if (plan.App is { } app)
        {
            writer.WriteStartObject("app");
            writer.WriteString("directory", app.Directory);
            writer.WriteString("entry_point", app.EntryPoint);
            writer.WriteString("runtime_identifier", app.RuntimeIdentifier);
            writer.WriteBoolean("invariant_globalization", app.InvariantGlobalization);
            writer.WriteStartArray("added");
            foreach (var added in app.AddedApps) AddedAppFile.Write(added).WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        if (plan.Lock is not null) writer.WriteString("lock", plan.Lock);
        if (plan.Provenance is not null)
        {
            writer.WritePropertyName("provenance");
            plan.Provenance.WriteTo(writer);
        }
        writer.WritePropertyName("run");
        plan.Run.WriteTo(writer);
        writer.WritePropertyName("builder");
        Write(plan.Builder, writer, _ => { });
        writer.WriteStartArray("provisioners");
        foreach (var step in plan.Provisioners)
        {
            Write(step.Component, writer, options =>
            {
                options.WriteNumber("pause_before_milliseconds", (long)step.Options.PauseBefore.TotalMilliseconds);
                if (step.Options.Timeout is { } timeout) options.WriteNumber("timeout_milliseconds", (long)timeout.TotalMilliseconds);
                options.WriteNumber("max_retries", step.Options.MaxRetries);
                if (step.Options.Cleanup) options.WriteBoolean("cleanup", true);
            });
        }
        writer.WriteEndArray();
        writer.WriteStartArray("post_processors");
        foreach (var step in plan.PostProcessors)
        {
            Write(step.Component, writer, options =>
            {
                if (step.Options.KeepInputArtifact is { } keep) options.WriteBoolean("keep_input_artifact", keep);
                options.WriteString("sequence", step.Options.Sequence);
                options.WriteString("hash", step.Hash);
            });
        }
        writer.WriteEndArray();
        WriteMap(writer, "parts", plan.Parts);
        writer.WriteNumber("checkpoint_limit", plan.CheckpointLimit.Bytes);
        writer.WriteStartObject("chain");
        WriteMap(writer, "start", plan.Chain.Start);
        writer.WriteStartArray("provisioners");
        foreach (var link in plan.Chain.Provisioners)
        {
            writer.WriteStartObject();
            writer.WriteString("name", link.Name);
            writer.WriteString("hash", link.Hash);
            writer.WriteBoolean("always", link.Always);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(ComponentPlan component, Utf8JsonWriter writer, Action<Utf8JsonWriter> options)
    {
        writer.WriteStartObject();
        writer.WriteString("name", component.Name);
        if (component.AssemblyPath is not null) writer.WriteString("assembly", component.AssemblyPath);
        writer.WriteNumber("behavior_version", component.BehaviorVersion);
        writer.WriteString("owner", component.Owner);
        options(writer);
        writer.WritePropertyName("config");
        component.Config.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> values)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal)) writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static ImagePlan Read(JsonObject json)
    {
        var app = json["app"];
        var location = json["location"];
        return new ImagePlan
        {
            Image = (string)json["image"]!,
            BuildHash = (string)json["build_hash"]!,
            PostProcessHash = (string)json["post_process_hash"]!,
            ProjectFile = (string)json["project"]!,
            Location = location is null ? null : new SourceLocation((string)location["file"]!, (int)location["line"]!, (int)location["column"]!),
            OutputDirectory = (string)json["output_directory"]!,
            PlanDirectory = (string)json["plan_directory"]!,
            CacheDirectory = (string)json["cache_directory"]!,
            Debug = (bool)json["debug"]!,
            Force = (bool)json["force"]!,
            OnError = Enum.Parse<OnError>((string)json["on_error"]!),
            RunId = (string)json["run_id"]!,
            PrefixLines = (bool)json["prefix_lines"]!,
            DependsOn = [.. json["depends_on"]!.AsArray().Select(name => (string)name!)],
            ReferencedArtifacts = ReadMap(json["referenced_artifacts"]!),
            App = app is null ? null : new AppContent((string)app["directory"]!, (string)app["entry_point"]!, (string)app["runtime_identifier"]!)
            {
                InvariantGlobalization = (bool)app["invariant_globalization"]!,
                AddedApps = [.. app["added"]!.AsArray().Select(added => AddedAppFile.Read(added!))],
            },
            Lock = (string?)json["lock"],
            Provenance = json["provenance"] is { } provenance ? ProvenancePlan.Read(provenance) : null,
            Run = RunPlan.Read(json["run"]!),
            Builder = ReadComponent(json["builder"]!),
            Provisioners = [.. json["provisioners"]!.AsArray().Select(step => new ProvisionerPlan(ReadComponent(step!), new ProvisionerOptions
            {
                PauseBefore = TimeSpan.FromMilliseconds((long)step!["pause_before_milliseconds"]!),
                Timeout = step["timeout_milliseconds"] is { } timeout ? TimeSpan.FromMilliseconds((long)timeout) : null,
                MaxRetries = (int)step["max_retries"]!,
                Cleanup = (bool?)step["cleanup"] ?? false,
            }))],
            PostProcessors = [.. json["post_processors"]!.AsArray().Select(step => new PostProcessorPlan(ReadComponent(step!), new PostProcessorOptions
            {
                KeepInputArtifact = (bool?)step!["keep_input_artifact"],
                Sequence = (string)step["sequence"]!,
            }, (string)step["hash"]!))],
            Parts = ReadMap(json["parts"]!),
            CheckpointLimit = new ByteSize((long)json["checkpoint_limit"]!),
            Chain = new BuildChain(ReadMap(json["chain"]!["start"]!),
                [.. json["chain"]!["provisioners"]!.AsArray().Select(link => new ChainLink((string)link!["name"]!, (string)link["hash"]!, (bool)link["always"]!))]),
        };
    }

    private static ComponentPlan ReadComponent(JsonNode json) => new(
        (string)json["name"]!, (string?)json["assembly"], (int)json["behavior_version"]!, (string)json["owner"]!, MergedConfig.Read(json["config"]!.AsObject()));

    private static Dictionary<string, string> ReadMap(JsonNode json) =>
        json.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal);
}
