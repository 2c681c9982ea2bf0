using System.Reflection;
using Packer.Configuration;

namespace Packer.Engine.Plugins;

/// <summary>
/// The components that can be named by items: the built-in ones and those of the plugins, found in the same way by their attributes. A later
/// registration of a name takes the place of an earlier one.
/// </summary>
internal sealed class ComponentRegistry : IDisposable
{
    // By a key that is a reference: a dictionary over a value type of ours is compiled anew in every build.
    private readonly Dictionary<string, ComponentRegistration> registrations = new(StringComparer.Ordinal);
    private readonly List<PluginLoadContext> contexts = [];
    private readonly List<Diagnostic> diagnostics = [];

    /// <param name="plugins">Full paths of the plugins' assemblies, in order, with the place that names each.</param>
    public ComponentRegistry(IEnumerable<(string Path, SourceLocation? Location)> plugins)
    {
        AddAll(typeof(ComponentRegistry).Assembly, path: null, location: null);
        foreach (var (path, location) in plugins) Load(path, location);
    }

    /// <summary>What went wrong while the plugins were loaded.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Adds a component whose class is loaded already, as when a builder is called by hand.</summary>
    public void AddDirect(Type type, PackerComponentAttribute attribute) =>
        registrations[Key(KindOf(attribute), attribute.Name)] = new ComponentRegistration(KindOf(attribute), attribute, type, null);

    /// <summary>The component of a name, or null.</summary>
    public ComponentRegistration? Find(ComponentKind kind, string name) => registrations.GetValueOrDefault(Key(kind, name));

    /// <summary>All names of a kind, sorted.</summary>
    public IReadOnlyList<string> Names(ComponentKind kind) =>
        [.. registrations.Values.Where(found => found.Kind == kind).Select(found => found.Name.ToLowerInvariant()).Order(StringComparer.Ordinal)];

    /// <summary>All components, sorted by kind and name.</summary>
    public IEnumerable<ComponentRegistration> All => registrations.Values.OrderBy(found => found.Kind).ThenBy(found => found.Name, StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var context in contexts) context.Unload();
    }

    private void Load(string path, SourceLocation? location)
    {
        if (!File.Exists(path))
        {
            Fail($"The plugin '{path}' does not exist. Build it before this project, or correct the PackerPlugin item.", location);
            return;
        }
        try
        {
            var context = new PluginLoadContext(path);
            contexts.Add(context);
            // Through a stream: the file is not kept open, so that the plugin can be built again while a node that loaded it lives on.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!AddAll(context.LoadFromStream(stream), path, location))
                Fail($"The plugin '{path}' holds no component. Put [PackerBuilder(\"name\")], [PackerProvisioner], [PackerCommunicator] or [PackerPostProcessor] on a public class of it.", location);
        }
        catch (ReflectionTypeLoadException exception)
        {
            Fail($"The plugin '{path}' does not load: {exception.LoaderExceptions.FirstOrDefault()?.Message ?? exception.Message} Build it with EnableDynamicLoading, so that its dependencies lie beside it.", location);
        }
        catch (InvalidOperationException exception)
        {
            // Of AssemblyDependencyResolver, with many lines of its host.
            Fail($"The plugin '{path}' does not load: {exception.Message.Split('\n')[0].Trim()} Its deps.json cannot be read: build the plugin again.", location);
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException or UnauthorizedAccessException or TypeLoadException)
        {
            Fail($"The plugin '{path}' does not load: {exception.Message} It must be a .NET assembly built against Packer.Build.Tasks.", location);
        }
    }

    private bool AddAll(Assembly assembly, string? path, SourceLocation? location)
    {
        var found = false;
        // Of the built-in ones only the public types, as all would be loaded with what they derive from: the cryptography library alone costs
        // more than a plan. Nor is it there where a plugin is packed or tested, since the package for authors does not bring it.
        foreach (var type in path is null ? assembly.GetExportedTypes() : assembly.GetTypes())
        {
            // Every component derives from a generic base, which is much cheaper to see than an attribute.
            if (!type.IsClass || type.IsAbstract || type.BaseType is null || type.BaseType == typeof(object) || type.BaseType == typeof(Attribute)) continue;
            foreach (var attribute in type.GetCustomAttributes<PackerComponentAttribute>(inherit: false))
            {
                found = true;
                Add(new ComponentRegistration(KindOf(attribute), attribute, type, path), location);
            }
        }
        return found;
    }

    private void Add(ComponentRegistration registration, SourceLocation? location)
    {
        var key = Key(registration.Kind, registration.Name);
        if (registrations.TryGetValue(key, out var earlier) && earlier.AssemblyPath != registration.AssemblyPath)
        {
            diagnostics.Add(Diagnostic.Warning(DiagnosticCodes.DuplicateRegistration, $"The {registration.Kind.ToString().ToLowerInvariant()} '{registration.Name}' of the plugin '{registration.AssemblyPath}' takes the place of the one of {(earlier.AssemblyPath is null ? "the SDK" : $"'{earlier.AssemblyPath}'")}. Remove one of the two where that is not meant.", location));
        }
        registrations[key] = registration;
    }

    private void Fail(string message, SourceLocation? location) =>
        diagnostics.Add(Diagnostic.Error(DiagnosticCodes.PluginDoesNotLoad, message, location));

    private static string Key(ComponentKind kind, string name) => kind switch
    {
        ComponentKind.Builder => "builder ",
        ComponentKind.Provisioner => "provisioner ",
        ComponentKind.Communicator => "communicator ",
        _ => "post-processor ",
    } + name.ToLowerInvariant();

    private static ComponentKind KindOf(PackerComponentAttribute attribute) => attribute switch
    {
        PackerBuilderAttribute => ComponentKind.Builder,
        PackerProvisionerAttribute => ComponentKind.Provisioner,
        PackerCommunicatorAttribute => ComponentKind.Communicator,
        _ => ComponentKind.PostProcessor,
    };
}
