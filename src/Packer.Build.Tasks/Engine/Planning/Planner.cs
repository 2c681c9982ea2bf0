using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Engine.Plugins;
using Packer.Engine.Provenance;

namespace Packer.Engine.Planning;

/// <summary>
/// Turns items and properties into plans: filters, merges and decodes every image's settings, orders the images, hashes what they read and
/// says which are out of date. No side effects but the memory of hashes.
/// </summary>
internal sealed partial class Planner(PlanRequest request, ComponentRegistry registry, FileHashes hashes)
{
    /// <summary>Keys of an image that the planner itself reads.</summary>
    public static readonly IReadOnlySet<string> ImageKeys = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Builder", "DependsOn", "OutputDirectory", ContentKey, "RuntimeIdentifier", "ConfigFile" };

    /// <summary>Keys that every image has, whatever its builder is; they can be properties, too.</summary>
    public static readonly IReadOnlySet<string> EngineKeys = new HashSet<string>([.. RunOptions.Keys, .. ImageOptions.Keys], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> ImageKeysWithoutContent = new(ImageKeys.Where(key => key != ContentKey), StringComparer.OrdinalIgnoreCase);

    /// <summary>Properties that begin with <c>Packer</c> and are no keys of a component, without the prefix.</summary>
    public static readonly IReadOnlySet<string> ControlProperties = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "BuildOnBuild", "Only", "Except", "Force", "KeepImagesOnClean", "Debug", "OnError", "OutputPath", "CacheDir", "TasksAssembly", "SdkDirectory",
        "SdkPropsImported", "SdkTargetsImported", "BuildDependsOn", "PlanDirectory", "ImageName",
        "RuntimeIdentifiers", "TargetFramework", "PluginPackage", "UpdateLock", "Test", "CheckpointLimit", "ConfigSchema",
    };

    private const string ContentKey = "Content";
    private const string DefaultBuilder = "appliance";
    private const string AppContentName = "app";
    private const string NoContentName = "none";

    private static readonly HashSet<string> ProvisionerKeys = new(StringComparer.OrdinalIgnoreCase) { "PauseBefore", "Timeout", "MaxRetries", "Cleanup", "Always" };
    private static readonly HashSet<string> PostProcessorKeys = new(StringComparer.OrdinalIgnoreCase) { "KeepInputArtifact", "Sequence" };
    private static readonly HashSet<string> SelectionKeys = new(StringComparer.OrdinalIgnoreCase) { "Images", "Except" };

    private readonly string projectDirectory = Path.GetDirectoryName(request.ProjectFile)!;
    private readonly ProjectLocator locator = new(request.ProjectFile);
    private readonly ConfigDecoder decoder = new();
    private readonly PartHasher parts = new(Path.GetDirectoryName(request.ProjectFile)!);
    private readonly List<Diagnostic> diagnostics = [];
    private readonly Dictionary<string, ItemRequest> images = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HashSet<string>> dependencies = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ImagePlan> plans = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> propertyMisses = new(StringComparer.OrdinalIgnoreCase);
    private LockFile? lockFile;
    private ByteSize checkpointLimit;
    private int decodedComponents;

    public PlanResult Plan(CancellationToken token)
    {
        var (force, debug, onError) = ReadControls();
        var test = request.Test.Trim().Length == 0 || ReadBoolean("PackerTest", request.Test);
        checkpointLimit = ReadCheckpointLimit();
        CollectImages();
        CheckStepTypes();
        CheckAddedApps();
        var selected = Select();
        CollectDependencies();
        var order = Order(selected);
        if (order is not null)
        {
            foreach (var name in order)
            {
                token.ThrowIfCancellationRequested();
                PlanImage(images[name], force && selected.Contains(name), debug, onError, order.Count > 1, test);
            }
            CheckOutputDirectories(order);
            CheckPropertyMisses();
        }
        diagnostics.InsertRange(0, registry.Diagnostics);
        if (order is null || diagnostics.Exists(found => found.Severity == DiagnosticSeverity.Error)) return new PlanResult([], diagnostics);
        var result = order.Select(name => Check(plans[name])).ToList();
        hashes.Save();
        return new PlanResult(result, diagnostics) { Selected = [.. order.Where(selected.Contains)] };
    }

    private PlannedImage Check(ImagePlan plan)
    {
        var stamp = ImageStamp.Read(plan.Paths.Stamp, plan.OutputDirectory);
        var reasons = UpToDateCheck.Reasons(plan, stamp, hashes);
        // The image may be as it should be; then its build only looks after what is left.
        if (reasons.Count == 0 && Leftovers.Exist(plan.Paths)) reasons = ["an earlier build of it was killed, or runs still"];
        return new PlannedImage(plan, stamp, reasons);
    }

    // ---- Controls ----

    private (bool Force, bool Debug, OnError OnError) ReadControls()
    {
        var force = ReadBoolean("PackerForce", request.Force);
        var debug = ReadBoolean("PackerDebug", request.Debug);
        var onError = request.OnError.Trim().ToLowerInvariant() switch
        {
            "" or "cleanup" => OnError.Cleanup,
            "abort" => OnError.Abort,
            "ask" => OnError.Ask,
            "run-cleanup-provisioner" => OnError.RunCleanupProvisioner,
            _ => WrongOnError(),
        };
        return (force, debug, onError);
    }

    private ByteSize ReadCheckpointLimit()
    {
        var text = request.CheckpointLimit.Trim();
        if (text.Length == 0) return ImagePlan.DefaultCheckpointLimit;
        if (ByteSize.TryParse(text, out var size)) return size;
        Error(DiagnosticCodes.InvalidControlProperty, $"The property PackerCheckpointLimit is '{request.CheckpointLimit}'. Set it to a size such as 20G, or to 0 for no checkpoints.", locator.LocateProperty("PackerCheckpointLimit"));
        return default;
    }

    private OnError WrongOnError()
    {
        Error(DiagnosticCodes.InvalidControlProperty, $"The property PackerOnError is '{request.OnError}'. Set it to cleanup, abort, ask or run-cleanup-provisioner.", locator.LocateProperty("PackerOnError"));
        return OnError.Cleanup;
    }

    private bool ReadBoolean(string property, string value)
    {
        var text = value.Trim();
        if (text.Length == 0) return false;
        if (bool.TryParse(text, out var result)) return result;
        Error(DiagnosticCodes.InvalidControlProperty, $"The property {property} is '{value}'. Set it to true or false.", locator.LocateProperty(property));
        return false;
    }

    // ---- Images ----

    private void CollectImages()
    {
        foreach (var image in request.Images)
        {
            var name = image.Include;
            var reserved = ImagePaths.ReservedEndings.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
            if (!IsImageName(name))
            {
                Error(DiagnosticCodes.InvalidImageName, $"The image name '{name}' holds a character that it must not. Use letters, digits, '.', '_' and '-'.", locator.Locate(image));
            }
            else if (reserved is not null)
            {
                Error(DiagnosticCodes.InvalidImageName, $"The image name '{name}' ends in '{reserved}', which names a file beside an image's folder. Choose another name.", locator.Locate(image));
            }
            else if (!images.TryAdd(name, image))
            {
                Error(DiagnosticCodes.DuplicateImageName, $"There are two images named '{name}' (upper and lower case are the same). Give each PackerImage item a name of its own.", locator.Locate(image));
            }
        }
    }

    private HashSet<string> Select()
    {
        var names = images.Keys.ToList();
        var selected = new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
        if (request.Only.Length > 0) selected.IntersectWith(Match("The property PackerOnly", request.Only, names, locator.LocateProperty("PackerOnly")));
        if (request.Except.Length > 0) selected.ExceptWith(Match("The property PackerExcept", request.Except, names, locator.LocateProperty("PackerExcept")));
        return selected;
    }

    private HashSet<string> Match(string owner, string patterns, IReadOnlyList<string> names, SourceLocation? location)
    {
        var matched = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pattern in patterns.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var found = names.Where(name => new NamePattern(pattern).Matches(name)).ToList();
            if (found.Count == 0)
            {
                var nearest = Suggestion.Nearest(pattern, names);
                Error(DiagnosticCodes.PatternMatchesNothing, $"{owner} names '{pattern}', but no image is called so{DidYouMean(nearest)} The images are {List(names)}.", location);
            }
            matched.UnionWith(found);
        }
        return matched;
    }

    private void CollectDependencies()
    {
        foreach (var (name, image) in images)
        {
            var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var dependency in image.Get("DependsOn").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (images.TryGetValue(dependency, out var other)) found.Add(other.Include);
                else UnknownDependency(image, dependency, new ConfigOrigin(ConfigLayerKind.Item, "DependsOn"), $"DependsOn names the image '{dependency}'");
            }
            dependencies[name] = found;
        }
    }

    private void UnknownDependency(ItemRequest image, string dependency, ConfigOrigin? origin, string what)
    {
        var nearest = Suggestion.Nearest(dependency, images.Keys);
        Error(DiagnosticCodes.UnknownDependency, $"Image '{image.Include}': {what}, but there is none{DidYouMean(nearest)} The images of this project are {List(images.Keys)}.", locator.Locate(image, origin));
    }

    /// <summary>The selected images and what they depend on, in build order; null where there is a cycle.</summary>
    private IReadOnlyList<string>? Order(HashSet<string> selected)
    {
        var chain = dependencies.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. pair.Value.Order(StringComparer.Ordinal)], StringComparer.OrdinalIgnoreCase);
        var (order, cycle) = DependencyOrder.Sort([.. request.Images.Select(image => image.Include).Where(selected.Contains).Distinct(StringComparer.OrdinalIgnoreCase)], chain);
        if (cycle is null) return order;
        Error(DiagnosticCodes.DependencyCycle, $"The images depend on each other in a circle: {string.Join(" → ", cycle)}. Remove one DependsOn of them.", locator.Locate(images[cycle[0]], new ConfigOrigin(ConfigLayerKind.Item, "DependsOn")));
        return null;
    }

    private void CheckOutputDirectories(IReadOnlyList<string> order)
    {
        var before = new List<ImagePlan>();
        foreach (var plan in order.Where(plans.ContainsKey).Select(name => plans[name]))
        {
            if (OutputFolder.HoldsProject(plan.OutputDirectory, projectDirectory))
                Error(DiagnosticCodes.OutputDirectoryNotOwn, $"Image '{plan.Image}': its output folder '{plan.OutputDirectory}' holds the project, and a build would replace it with the image. Set OutputDirectory to a folder for the image alone.", Place(plan));
            else if (before.Find(other => OutputFolder.Overlap(other.OutputDirectory, plan.OutputDirectory)) is { } other)
                Error(DiagnosticCodes.SharedOutputDirectory, $"The images '{other.Image}' and '{plan.Image}' have output folders that are the same or one in the other, '{other.OutputDirectory}' and '{plan.OutputDirectory}', and each would replace the other. Give each its own OutputDirectory.", Place(plan));
            else if (!plan.Force && OutputFolder.IsForeign(plan.Paths))
                Error(DiagnosticCodes.OutputDirectoryNotOwn, $"Image '{plan.Image}': its output folder '{plan.OutputDirectory}' holds files that no build of the image has made, and a build would delete them. Choose another OutputDirectory; or delete the folder, or set PackerForce, where nothing in it is needed.", Place(plan));
            before.Add(plan);
        }

        // Only where there is something to report: it reads the project's files.
        SourceLocation Place(ImagePlan plan) => locator.Locate(images[plan.Image], new ConfigOrigin(ConfigLayerKind.Item, "OutputDirectory"));
    }

    // ---- One image ----

    private LockFile? ReadLockFile()
    {
        try
        {
            return lockFile ??= LockFile.Read(projectDirectory);
        }
        catch (PackerException exception)
        {
            // Said once, however many images ask.
            if (!diagnostics.Exists(found => found.Code == exception.Code)) Error(exception.Code, exception.Message, new SourceLocation(Path.Combine(projectDirectory, LockFile.FileName), 0, 0));
            return null;
        }
    }

    private void PlanImage(ItemRequest image, bool force, bool debug, OnError onError, bool prefixLines, bool test)
    {
        var builderName = image.Get("Builder") is { Length: > 0 } given ? given : DefaultBuilder;
        if (registry.Find(ComponentKind.Builder, builderName) is not { } builder)
        {
            var known = registry.Names(ComponentKind.Builder);
            var nearest = Suggestion.Nearest(builderName, known);
            Error(DiagnosticCodes.UnknownBuilder, $"Image '{image.Include}': there is no builder '{builderName}'{DidYouMean(nearest)} The builders are {List(known)}; a plugin package adds more.", locator.Locate(image, new ConfigOrigin(ConfigLayerKind.Item, "Builder")));
            return;
        }

        var owner = $"image '{image.Include}'";
        var takesApp = ((PackerBuilderAttribute)builder.Attribute).TakesApp;
        var ownKeys = takesApp ? ImageKeys : ImageKeysWithoutContent;
        var decoded = Prepare(builder, owner, image, image.Include, builder.Name, [.. ownKeys, .. EngineKeys], debug, force, onError, withConfigFile: true);
        // Also where the image itself is wrong: the user sees all errors at once.
        var provisioners = PlanProvisioners(image, builder, debug, force, onError);
        var postProcessors = PlanPostProcessors(image, builder, debug, force, onError);
        var addedApps = PlanAddedApps(image, builder);
        var run = PlanRun(image, owner, decoded, addedApps, test);
        var options = DecodeImageOptions<ImageOptions>(image, owner, ImageOptions.Keys).Options;
        if (decoded is null || run is null || addedApps is null || options is null) return;

        AddArtifactDependencies(image, decoded);
        var app = takesApp ? FindApp(image, builderName, addedApps) : null;
        var outputDirectory = ImagePaths.OutputDirectoryOf(image, request.OutputDirectory, projectDirectory);
        var locked = typeof(ILockingBuilder).IsAssignableFrom(builder.Type) ? ReadLockFile()?.Find(image.Include) : null;
        var chain = Chain(image, builder, decoded, provisioners, app, locked, out var imageParts);
        var component = Component(builder, owner, decoded);
        var provenance = options.Provenance
            ? PlanProvenance(image, [decoded, .. provisioners.Select(step => step.Decoded), .. postProcessors.Select(step => step.Decoded)],
                [component, .. provisioners.Select(step => step.Plan.Component), .. postProcessors.Select(step => step.Plan.Component)], app)
            : null;
        // Only a build knows what goes into an image, so that one is built once more which was built without. Its checkpoints hold all the same.
        if (provenance is not null) imageParts["key 'provenance'"] = parts.Short("true");
        plans[image.Include] = new ImagePlan
        {
            Image = image.Include,
            ProjectFile = request.ProjectFile,
            OutputDirectory = outputDirectory,
            PlanDirectory = request.PlanDirectory,
            CacheDirectory = request.CacheDirectory,
            Builder = component,
            Provisioners = [.. provisioners.Select(step => step.Plan)],
            PostProcessors = [.. postProcessors.Select(step => step.Plan)],
            DependsOn = [.. dependencies[image.Include].Order(StringComparer.Ordinal)],
            ReferencedArtifacts = ReferencedArtifactPaths(),
            App = app,
            Lock = locked,
            Debug = debug,
            Force = force,
            OnError = onError,
            PrefixLines = prefixLines,
            Provenance = provenance,
            Run = run,
            Parts = imageParts,
            BuildHash = PartHasher.Total(imageParts),
            Chain = chain,
            CheckpointLimit = checkpointLimit,
            PostProcessHash = PartHasher.Total(PostProcessParts(postProcessors)),
        };
    }

    /// <summary>How the image is started once it is built; null after an error.</summary>
    private RunPlan? PlanRun(ItemRequest image, string owner, DecodeResult? builder, IReadOnlyList<AddedAppPlan>? addedApps, bool test)
    {
        var (options, decoded) = DecodeImageOptions<RunOptions>(image, owner, RunOptions.Keys);
        if (options is null) return null;

        var ports = new List<PortForward>();
        foreach (var text in options.RunPorts)
        {
            if (PortForward.TryParse(text) is { } port) ports.Add(port);
            else return WrongRun(nameof(RunOptions.RunPorts), text, "Write a port of the image, like 8080, or one of this machine before it, like 8000:8080");
        }
        if (ports.Count == 0) ports.AddRange(OwnPorts(builder, addedApps ?? []).Distinct().Select(port => new PortForward(0, port)));
        var asked = options.TestHttp is null || !test ? null : HttpTest.TryParse(options.TestHttp, ports[0].Guest, options.TestTimeout);
        if (asked is null && test && options.TestHttp is { } wrong) return WrongRun(nameof(RunOptions.TestHttp), wrong, "Write a path, like /health, or a port of the image before it, like 9000/health");
        return new RunPlan { Ports = ports, Memory = options.RunMemory, Firmware = options.RunFirmware, Accelerator = options.RunAccelerator, Test = asked };

        RunPlan? WrongRun(string key, string value, string action)
        {
            Error(DiagnosticCodes.WrongValue, $"Image '{image.Include}': '{key}' is '{value}'. {action}.", locator.Locate(image, decoded.Merged.Find(KeyName.ToSnakeCase(key))?.Origin ?? new ConfigOrigin(ConfigLayerKind.Item, key)));
            return null;
        }
    }

    /// <summary>Reads keys that every image has, from the layers but the config file; null after an error.</summary>
    private (T? Options, DecodeResult Decoded) DecodeImageOptions<T>(ItemRequest image, string owner, IReadOnlySet<string> keys)
        where T : class
    {
        var layers = new List<ConfigLayer>();
        foreach (var (kind, values) in new[] { (ConfigLayerKind.ProjectProperty, request.ProjectProperties), (ConfigLayerKind.Item, image.Metadata), (ConfigLayerKind.GlobalProperty, request.GlobalProperties) })
        {
            var layer = new ConfigLayer(kind);
            foreach (var (key, text) in values.Where(pair => keys.Contains(pair.Key) && !pair.Value.IsEmpty)) layer.Add(key, text);
            layers.Add(layer);
        }
        var (options, decoded) = decoder.Decode<T>(layers, Decoding(owner, image, image.Include, ""));
        diagnostics.AddRange(decoded.Diagnostics.Select(found => found.Diagnostic.Location is null ? found.Diagnostic with { Location = locator.Locate(image) } : found.Diagnostic));
        return (decoded.HasErrors ? null : options, decoded);
    }

    /// <summary>The local files that the image is made of, and their hashes. What another image makes is known when that is built.</summary>
    private ProvenancePlan PlanProvenance(ItemRequest image, IEnumerable<DecodeResult> decoded, IEnumerable<ComponentPlan> components, AppContent? app)
    {
        var results = decoded.ToList();
        var inputs = results.SelectMany(result => result.Inputs).Where(input => !IsMadeByDependency(image, input.Path)).DistinctBy(input => input.Path, StringComparer.Ordinal).ToList();
        var found = new List<ResolvedDependency>();
        foreach (var input in inputs) AddFiles(input.Path, ProjectName(input.Path));
        if (app is not null) AddFiles(app.Directory, "app");
        foreach (var path in components.Select(component => component.AssemblyPath).OfType<string>().Distinct(StringComparer.Ordinal)) AddFiles(path, Path.GetFileName(path));
        found.AddRange(request.ReferencedArtifacts.Where(artifact => artifact.Sha256.Length > 0 && results.Exists(result => result.ArtifactReferences.Any(reference => NamesArtifact(reference, artifact.Image))))
            .Select(artifact => DependencyList.OfFile($"{artifact.Image}/{Path.GetFileName(artifact.Path)}", artifact.Sha256)));
        return new ProvenancePlan(DependencyList.Sort(found), [.. results.SelectMany(result => result.FullPaths).Where(path => !PortablePath.IsWithin(path, projectDirectory)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

        void AddFiles(string path, string name)
        {
            try
            {
                foreach (var file in ArtifactFiles.Expand(path))
                    found.Add(DependencyList.OfFile(file == path ? name : $"{name}/{PortablePath.Relative(file, path)}", hashes.OfFile(file)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // That it cannot be read is an error already, by the part of the image that it is.
            }
        }
    }

    private string ProjectName(string path) => PortablePath.IsWithin(path, projectDirectory) ? PortablePath.Relative(path, projectDirectory) : Path.GetFileName(path);

    private bool IsMadeByDependency(ItemRequest image, string path) =>
        dependencies[image.Include].Any(name => plans.TryGetValue(name, out var plan) && PortablePath.IsWithin(path, plan.OutputDirectory));

    /// <summary>The ports that the image says its apps listen on.</summary>
    private static IEnumerable<int> OwnPorts(DecodeResult? builder, IReadOnlyList<AddedAppPlan> addedApps)
    {
        if (builder?.Merged.Find("ports")?.Value is JsonArray { Count: > 0 } named && named.All(port => port?.GetValueKind() == JsonValueKind.Number)) return named.Select(port => (int)port!.GetValue<long>());
        var own = int.TryParse(builder?.Merged.Find("http_port")?.Value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : RunPlan.DefaultPort;
        return addedApps.Select(added => added.Options.HttpPort).OfType<int>().Prepend(own);
    }

    private AppContent? FindApp(ItemRequest image, string builderName, IReadOnlyList<AddedAppPlan> addedApps)
    {
        var content = image.Get("Content").ToLowerInvariant();
        if (content.Length == 0) content = string.Equals(builderName, DefaultBuilder, StringComparison.OrdinalIgnoreCase) ? AppContentName : NoContentName;
        if (content == NoContentName) return null;
        if (content != AppContentName)
        {
            Error(DiagnosticCodes.WrongValue, $"Image '{image.Include}': metadata 'Content' is '{content}'. Set it to app or none.", locator.Locate(image, new ConfigOrigin(ConfigLayerKind.Item, "Content")));
            return null;
        }
        var runtimeIdentifier = image.Get("RuntimeIdentifier");
        var app = request.Apps.GetValueOrDefault(runtimeIdentifier);
        return app is null || addedApps.Count == 0 ? app : app with { AddedApps = Published(addedApps, runtimeIdentifier) };
    }

    /// <summary>An image whose settings name another image's artifact depends on that image, without saying so.</summary>
    private void AddArtifactDependencies(ItemRequest image, DecodeResult decoded)
    {
        foreach (var reference in decoded.ArtifactReferences)
        {
            // Nothing is known of the formats of an image that was not built yet; that one has no hash.
            var isReferenced = ReferencedArtifactPaths().ContainsKey(reference) || request.ReferencedArtifacts.Any(artifact => artifact.Sha256.Length == 0 && NamesArtifact(reference, artifact.Image));
            if (isReferenced || dependencies[image.Include].Any(name => NamesArtifact(reference, name))) continue;
            var local = images.Keys.FirstOrDefault(name => NamesArtifact(reference, name));
            if (local is null) UnknownDependency(image, reference, null, $"a template names the artifact '{reference}'");
            else Error(DiagnosticCodes.UnknownDependency, $"Image '{image.Include}': a template names the artifact '{reference}', but the image does not depend on '{local}'. Add DependsOn=\"{local}\" to it.", locator.Locate(image));
        }
    }

    private static bool NamesArtifact(string reference, string image) =>
        string.Equals(reference, image, StringComparison.OrdinalIgnoreCase) || reference.StartsWith(image + ".", StringComparison.OrdinalIgnoreCase);

    private Dictionary<string, string> ReferencedArtifactPaths()
    {
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var artifact in request.ReferencedArtifacts)
        {
            paths.TryAdd(artifact.Image, artifact.Path);
            if (artifact.Format.Length > 0) paths.TryAdd($"{artifact.Image}.{artifact.Format}", artifact.Path);
        }
        return paths;
    }

    /// <summary>What the image depends on, as a chain and all together.</summary>
    private BuildChain Chain(ItemRequest image, ComponentRegistration builder, DecodeResult decoded, List<PreparedStep<ProvisionerPlan>> provisioners, AppContent? app, string? locked, out Dictionary<string, string> all)
    {
        var start = StartParts(image, builder, decoded, app);
        if (locked is not null) start["the lock file"] = parts.Short(locked);
        all = new Dictionary<string, string>(start, StringComparer.Ordinal);
        var links = new List<ChainLink>();
        // What runs after a failure alone makes no image.
        foreach (var (index, (plan, prepared)) in provisioners.Where(step => !step.Plan.Options.Cleanup).Index())
        {
            var settings = parts.Short($"{plan.Component.BehaviorVersion} {parts.OfConfig(plan.Component.Config)}");
            var inputs = new Dictionary<string, string>(StringComparer.Ordinal);
            AddInputs(inputs, image, prepared);
            all[string.Create(CultureInfo.InvariantCulture, $"provisioner {index + 1} ({plan.Component.Name})")] = settings;
            foreach (var (name, hash) in inputs) all[name] = hash;
            inputs[plan.Component.Name] = settings;
            links.Add(new ChainLink(plan.Component.Name, PartHasher.Total(inputs), plan.Options.Always || prepared.HasUnknownInputs));
        }
        return new BuildChain(start, links);
    }

    private Dictionary<string, string> StartParts(ItemRequest image, ComponentRegistration builder, DecodeResult decoded, AppContent? app)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["the builder"] = parts.Short(string.Create(CultureInfo.InvariantCulture, $"{builder.Name} {builder.Attribute.BehaviorVersion}")),
        };
        foreach (var value in decoded.Merged.Values.Where(value => value.PartOfImage)) found[$"key '{value.Key}'"] = parts.OfValue(value);
        AddInputs(found, image, decoded);
        foreach (var added in app?.AddedApps ?? [])
            found[$"the app '{added.Name}'"] = parts.Short(hashes.OfDirectory(added.Content.Directory) + added.Content.EntryPoint + added.Content.InvariantGlobalization + AddedAppFile.OptionsOf(added).ToJsonString());
        if (app is not null) found["the app"] = parts.Short(hashes.OfDirectory(app.Directory) + app.EntryPoint + app.InvariantGlobalization);
        foreach (var name in dependencies[image.Include])
        {
            if (plans.TryGetValue(name, out var dependency)) found[$"image '{name}'"] = parts.Short(dependency.BuildHash + dependency.PostProcessHash);
        }
        foreach (var artifact in request.ReferencedArtifacts.Where(artifact => decoded.ArtifactReferences.Any(reference => NamesArtifact(reference, artifact.Image))))
            found[$"artifact '{artifact.Image}.{artifact.Format}'"] = parts.Short(artifact.Sha256 + artifact.Path);
        return found;
    }

    private void AddInputs(Dictionary<string, string> found, ItemRequest image, DecodeResult decoded)
    {
        foreach (var input in decoded.Inputs)
        {
            // What another image makes may not be there yet; it is covered by that image's own hash.
            if (IsMadeByDependency(image, input.Path)) continue;
            var name = $"input '{PortablePath.Relative(input.Path, projectDirectory)}'";
            try
            {
                found[name] = parts.Short(input.Kind == ConfigInputKind.Directory ? hashes.OfDirectory(input.Path) : hashes.OfFile(input.Path));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Error(DiagnosticCodes.InputMissing, $"Image '{image.Include}': the {(input.Kind == ConfigInputKind.Directory ? "folder" : "file")} '{input.Path}' of the key '{input.Key}' cannot be read: {exception.Message} Correct the path or the access rights.", input.Origin is { } origin ? locator.Locate(image, origin) : locator.Locate(image));
            }
        }
    }

    private static Dictionary<string, string> PostProcessParts(IReadOnlyList<PreparedStep<PostProcessorPlan>> steps)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < steps.Count; index++)
        {
            var plan = steps[index].Plan;
            found[string.Create(CultureInfo.InvariantCulture, $"{index:D4} {plan.Component.Name}")] = plan.Hash;
        }
        return found;
    }

    private string HashOf(ComponentPlan component, PostProcessorOptions options, DecodeResult decoded)
    {
        return parts.Short(string.Create(CultureInfo.InvariantCulture, $"{component.BehaviorVersion} {parts.OfConfig(component.Config)} {options.KeepInputArtifact} {options.Sequence} {string.Join(' ', decoded.Inputs.Select(InputHash))}"));

        string InputHash(ConfigInput input) => File.Exists(input.Path) ? hashes.OfFile(input.Path) : "";
    }

    // ---- Steps ----

    private sealed record PreparedStep<TPlan>(TPlan Plan, DecodeResult Decoded);

    private void CheckStepTypes()
    {
        CheckTypes(request.Provisioners, ComponentKind.Provisioner, DiagnosticCodes.UnknownProvisioner, "provisioner");
        CheckTypes(request.PostProcessors, ComponentKind.PostProcessor, DiagnosticCodes.UnknownPostProcessor, "post-processor");
        foreach (var item in request.Provisioners)
            if (ProvisionerOverride.Fault(item, images.Keys) is { } fault) Error(DiagnosticCodes.InvalidOverride, $"Provisioner '{item.Include}': {fault}", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, ProvisionerOverride.Metadata)));
    }

    private void CheckTypes(IEnumerable<ItemRequest> items, ComponentKind kind, string code, string what)
    {
        var names = images.Keys.ToList();
        foreach (var item in items)
        {
            if (registry.Find(kind, item.Include) is null)
            {
                var known = registry.Names(kind);
                var nearest = Suggestion.Nearest(item.Include, known);
                Error(code, $"There is no {what} '{item.Include}'{DidYouMean(nearest)} The {what}s are {List(known)}; a plugin package adds more.", locator.Locate(item));
            }
            foreach (var key in SelectionKeys)
                if (item.Get(key) is { Length: > 0 } patterns) Match($"{char.ToUpperInvariant(what[0])}{what[1..]} '{item.Include}': metadata '{key}'", patterns, names, locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, key)));
        }
    }

    private static bool AppliesTo(ItemRequest step, string image) =>
        (step.Get("Images") is not { Length: > 0 } only || NamePattern.MatchesAny(NamePattern.ParseList(only), image)) && (step.Get("Except") is not { Length: > 0 } except || !NamePattern.MatchesAny(NamePattern.ParseList(except), image));

    private List<PreparedStep<ProvisionerPlan>> PlanProvisioners(ItemRequest image, ComponentRegistration builder, bool debug, bool force, OnError onError)
    {
        var steps = new List<PreparedStep<ProvisionerPlan>>();
        foreach (var item in request.Provisioners.Where(item => AppliesTo(item, image.Include)))
        {
            if (!((PackerBuilderAttribute)builder.Attribute).Provisions)
            {
                if (item.Get("Images").Length > 0)
                    diagnostics.Add(Diagnostic.Warning(DiagnosticCodes.BuilderDoesNotProvision, $"The provisioner '{item.Include}' names the image '{image.Include}', but its builder '{builder.Name}' runs no provisioners. Remove the image from the provisioner's Images.", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, "Images"))));
                continue;
            }
            if (registry.Find(ComponentKind.Provisioner, item.Include) is not { } registration) continue;
            var owner = $"provisioner '{item.Include}' of image '{image.Include}'";
            var options = DecodeOptions<ProvisionerOptions>(item, owner, ProvisionerKeys);
            var decoded = Prepare(registration, owner, item, image.Include, builder.Name, [.. ProvisionerKeys, .. SelectionKeys, ProvisionerOverride.Metadata], debug, force, onError, withConfigFile: false, ProvisionerOverride.Layer(item, image.Include));
            if (options is { Cleanup: true } && steps.Exists(step => step.Plan.Options.Cleanup))
            {
                Error(DiagnosticCodes.SecondCleanupProvisioner, $"Image '{image.Include}': the provisioner '{item.Include}' is its second one with Cleanup, and only one can run after a failure. Keep one for each image, by Images or Except.", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, nameof(ProvisionerOptions.Cleanup))));
                continue;
            }
            if (options is not null && decoded is not null) steps.Add(new(new ProvisionerPlan(Component(registration, owner, decoded), options), decoded));
        }
        return steps;
    }

    private List<PreparedStep<PostProcessorPlan>> PlanPostProcessors(ItemRequest image, ComponentRegistration builder, bool debug, bool force, OnError onError)
    {
        var steps = new List<PreparedStep<PostProcessorPlan>>();
        foreach (var item in request.PostProcessors.Where(item => AppliesTo(item, image.Include)))
        {
            if (registry.Find(ComponentKind.PostProcessor, item.Include) is not { } registration) continue;
            var owner = $"post-processor '{item.Include}' of image '{image.Include}'";
            var options = DecodeOptions<PostProcessorOptions>(item, owner, PostProcessorKeys);
            var decoded = Prepare(registration, owner, item, image.Include, builder.Name, [.. PostProcessorKeys, .. SelectionKeys], debug, force, onError, withConfigFile: false);
            if (options is null || decoded is null) continue;
            var component = Component(registration, owner, decoded);
            steps.Add(new(new PostProcessorPlan(component, options, HashOf(component, options, decoded)), decoded));
        }
        return steps;
    }

    private T? DecodeOptions<T>(ItemRequest item, string owner, IReadOnlySet<string> keys)
        where T : class
    {
        var layer = new ConfigLayer(ConfigLayerKind.Item);
        foreach (var (key, text) in item.Metadata.Where(pair => keys.Contains(pair.Key))) layer.Add(key, text);
        var (options, decoded) = decoder.Decode<T>([layer], Decoding(owner, item, item.Include, ""));
        diagnostics.AddRange(decoded.Diagnostics.Select(found => found.Diagnostic.Location is null ? found.Diagnostic with { Location = locator.Locate(item) } : found.Diagnostic));
        return decoded.HasErrors ? null : options;
    }

    // ---- Components ----

    private static ComponentPlan Component(ComponentRegistration registration, string owner, DecodeResult decoded) =>
        new(registration.Name, registration.AssemblyPath, registration.Attribute.BehaviorVersion, owner, decoded.Merged) { LiteralSecrets = decoded.LiteralSecrets };

    private DecodeResult? Prepare(ComponentRegistration registration, string owner, ItemRequest item, string image, string builder, IReadOnlyCollection<string> ownKeys, bool debug, bool force, OnError onError, bool withConfigFile, ConfigLayer? last = null)
    {
        var layers = new List<ConfigLayer> { Properties(ConfigLayerKind.ProjectProperty, request.ProjectProperties) };
        var metadata = new ConfigLayer(ConfigLayerKind.Item);
        foreach (var (key, text) in item.Metadata)
            if (!text.IsEmpty && !ownKeys.Contains(key, StringComparer.OrdinalIgnoreCase)) metadata.Add(key, text);
        layers.Add(metadata);
        if (withConfigFile && item.Get("ConfigFile") is { Length: > 0 } file)
        {
            var (layer, errors) = ConfigFileReader.Read(ConfigPaths.MakeFull(file, projectDirectory), file, owner);
            if (errors.Count > 0)
            {
                var place = locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, "ConfigFile"));
                diagnostics.AddRange(errors.Select(error => error.Location is null ? error with { Location = place } : error));
                return null;
            }
            layers.Add(layer);
        }
        if (last is not null) layers.Add(last);
        layers.Add(Properties(ConfigLayerKind.GlobalProperty, request.GlobalProperties));
        layers.Add(Injected(image, builder, debug, force, onError));

        try
        {
            var component = registration.Create<object>();
            var context = PrepareContext.FromLayers(decoder, layers, Decoding(owner, item, image, builder));
            var prepared = component switch
            {
                IBuilder found => found.Prepare(context),
                IProvisioner found => found.Prepare(context),
                IPostProcessor found => found.Prepare(context),
                _ => throw new PackerException(DiagnosticCodes.PluginDoesNotLoad, $"The class '{registration.Type.FullName}' is no {registration.Kind.ToString().ToLowerInvariant()}. Derive it from {registration.Kind}<TConfig>."),
            };
            diagnostics.AddRange(prepared.Diagnostics.Select(found => found.Location is null ? found with { Location = locator.Locate(item) } : found));
            decodedComponents++;
            foreach (var miss in prepared.Decoded?.UnknownProperties ?? []) propertyMisses[miss.Key] = propertyMisses.GetValueOrDefault(miss.Key) + 1;
            return prepared.Succeeded ? prepared.Decoded : null;
        }
        catch (PackerException exception)
        {
            Error(exception.Code, $"{char.ToUpperInvariant(owner[0])}{owner[1..]}: {exception.Message}", locator.Locate(item));
        }
        catch (Exception exception) when (exception is not OperationCanceledException && registration.AssemblyPath is not null)
        {
            // A plugin's own defect, told as such; one of ours may end the task.
            Error(DiagnosticCodes.BuilderThrew, $"{char.ToUpperInvariant(owner[0])}{owner[1..]}: '{registration.Type.FullName}' failed while its settings were checked: {exception.Message} Tell its author.", locator.Locate(item));
        }
        return null;
    }

    private static ConfigLayer Properties(ConfigLayerKind kind, IReadOnlyDictionary<string, ConfigText> values)
    {
        var layer = new ConfigLayer(kind);
        foreach (var (key, text) in values) layer.Add(key, text);
        return layer;
    }

    /// <summary>The keys that Packer's core adds to every component's settings (packer-plugin-sdk, <c>common.PackerConfig</c>).</summary>
    private static ConfigLayer Injected(string image, string builder, bool debug, bool force, OnError onError)
    {
        var layer = new ConfigLayer(ConfigLayerKind.Injected);
        layer.Add("packer_build_name", ConfigText.FromLiteral(image));
        layer.Add("packer_builder_type", ConfigText.FromLiteral(builder));
        layer.Add("packer_core_version", ConfigText.FromLiteral(SdkVersion.Text));
        layer.Add("packer_debug", ConfigText.FromLiteral(debug ? "true" : "false"));
        layer.Add("packer_force", ConfigText.FromLiteral(force ? "true" : "false"));
        layer.Add("packer_on_error", ConfigText.FromLiteral(onError switch { OnError.Abort => "abort", OnError.Ask => "ask", OnError.RunCleanupProvisioner => "run-cleanup-provisioner", _ => "cleanup" }));
        return layer;
    }

    private DecodeContext Decoding(string owner, ItemRequest item, string image, string builder) => new()
    {
        Owner = owner,
        ProjectDirectory = projectDirectory,
        Templates = new TemplateEngine(TemplateFunctions.Standard(new TemplateEnvironment { BuildName = image, BuildType = builder, ProjectDirectory = projectDirectory, PackerVersion = SdkVersion.Text })),
        // Inputs that another image makes are not there yet; what is missing otherwise is found when it is hashed.
        CheckInputs = !dependencies.TryGetValue(image, out var others) || others.Count == 0,
        Locate = origin => locator.Locate(item, origin),
    };

    private void CheckPropertyMisses()
    {
        foreach (var key in request.GlobalProperties.Keys)
        {
            if (EngineKeys.Contains(key) || decodedComponents == 0 || propertyMisses.GetValueOrDefault("Packer" + key) < decodedComponents) continue;
            var nearest = Suggestion.Nearest("Packer" + key, ControlProperties.Select(name => "Packer" + name));
            diagnostics.Add(Diagnostic.Warning(DiagnosticCodes.UnknownProperty, $"The property 'Packer{key}' of the command line is a key of no component of this build and changes nothing{DidYouMean(nearest)} Correct its name.", new SourceLocation(request.ProjectFile, 0, 0)));
        }
    }

    private void Error(string code, string message, SourceLocation? location) =>
        diagnostics.Add(Diagnostic.Error(code, message, location ?? new SourceLocation(request.ProjectFile, 0, 0)));

    /// <summary>The end of a sentence about a name that is not known.</summary>
    private static string DidYouMean(string? nearest) => nearest is null ? "." : $"; did you mean '{nearest}'?";

    private static string List(IEnumerable<string> names)
    {
        var sorted = names.Order(StringComparer.Ordinal).ToList();
        return sorted.Count == 0 ? "none" : string.Join(", ", sorted.Select(name => $"'{name}'"));
    }

    public static bool IsImageName(string name)
    {
        foreach (var character in name)
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-')) return false;
        return name.Length > 0 && name is not ("." or "..");
    }
}
