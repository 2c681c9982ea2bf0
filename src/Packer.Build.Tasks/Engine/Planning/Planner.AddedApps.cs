using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Engine.Planning;

/// <summary>The apps of other projects.</summary>
internal sealed partial class Planner
{
    private const string ProjectKey = "Project";

    private static readonly HashSet<string> AddedAppKeys = new(StringComparer.OrdinalIgnoreCase) { "Images", "Except", ProjectKey, "TargetFramework" };

    private sealed record AddedAppPlan(ItemRequest Item, AppOptions Options);

    private void CheckAddedApps()
    {
        var names = images.Keys.ToList();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in request.AddedApps)
        {
            var name = item.Include;
            if (!IsAppName(name)) AddedAppError(item, "", "its name has a character that it must not have. It becomes that of folders: use lower-case letters, digits and '-', a letter first, 31 at most.");
            else if (name is "app") AddedAppError(item, "", "this is the name of the project's own app. Choose another one.");
            else if (!seen.Add(name)) AddedAppError(item, "", "there are two of this name. Give each PackerImageApp item a name of its own.");
            if (item.Get(ProjectKey) is not { Length: > 0 } project) AddedAppError(item, "", "it names no project. Set Project to the path of the project that makes the program.");
            else if (!File.Exists(ConfigPaths.MakeFull(project, projectDirectory))) AddedAppError(item, ProjectKey, $"there is no project '{ConfigPaths.MakeFull(project, projectDirectory)}'. Correct Project: it is relative to the folder of this project.");
            foreach (var key in SelectionKeys)
                if (item.Get(key) is { Length: > 0 } patterns) Match($"PackerImageApp '{name}': metadata '{key}'", patterns, names, locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, key)));
        }
    }

    /// <summary>The apps of other projects that go into an image; null after an error.</summary>
    private List<AddedAppPlan>? PlanAddedApps(ItemRequest image, ComponentRegistration builder)
    {
        var plans = new List<AddedAppPlan>();
        var failed = false;
        foreach (var item in request.AddedApps.Where(item => AppliesTo(item, image.Include)))
        {
            if (!typeof(IAddedAppsBuilder).IsAssignableFrom(builder.Type))
            {
                if (item.Get("Images").Length == 0) continue;
                AddedAppError(item, "Images", $"it names the image '{image.Include}', whose builder '{builder.Name}' takes no apps of other projects. Remove the image from its Images.");
                failed = true;
                continue;
            }
            var layer = new ConfigLayer(ConfigLayerKind.Item);
            foreach (var (key, text) in item.Metadata)
                if (!text.IsEmpty && !AddedAppKeys.Contains(key)) layer.Add(key, text);
            var owner = $"app '{item.Include}' of image '{image.Include}'";
            var (options, decoded) = decoder.Decode<AppOptions>([layer], Decoding(owner, item, image.Include, builder.Name));
            diagnostics.AddRange(decoded.Diagnostics.Select(found => found.Diagnostic.Location is null ? found.Diagnostic with { Location = locator.Locate(item) } : found.Diagnostic));
            failed |= decoded.HasErrors;
            if (decoded.HasErrors) continue;
            builder.Create<IAddedAppsBuilder>().CheckApp(options,
                (key, message) =>
                {
                    failed = true;
                    Error(DiagnosticCodes.WrongValue, $"PackerImageApp '{item.Include}': {message}", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, key)));
                },
                (code, key, message) => diagnostics.Add(Diagnostic.Warning(code, $"PackerImageApp '{item.Include}': {message}", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, key)))));
            plans.Add(new AddedAppPlan(item, options));
        }
        return failed ? null : plans;
    }

    private List<AddedApp> Published(IReadOnlyList<AddedAppPlan> addedApps, string runtimeIdentifier)
    {
        var found = new List<AddedApp>();
        foreach (var (item, options) in addedApps)
        {
            if (request.PublishedAddedApps.GetValueOrDefault((item.Include, runtimeIdentifier)) is { } content) found.Add(new AddedApp(item.Include, content, options));
            else AddedAppError(item, "", $"it was not published for '{runtimeIdentifier}'. Build the whole project: its targets publish it before the images are planned.");
        }
        return found;
    }

    private void AddedAppError(ItemRequest item, string key, string message) =>
        Error(DiagnosticCodes.AddedAppWrong, $"PackerImageApp '{item.Include}': {message}", locator.Locate(item, new ConfigOrigin(ConfigLayerKind.Item, key)));

    // Also that of a user would do, which it need not be.
    private static bool IsAppName(string name) => name.Length is > 0 and <= 31 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
