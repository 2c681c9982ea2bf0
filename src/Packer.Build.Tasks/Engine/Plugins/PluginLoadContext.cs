using System.Reflection;
using System.Runtime.Loader;

namespace Packer.Engine.Plugins;

/// <summary>
/// Loads a plugin's assembly and its dependencies from the plugin's own folder, so that they collide with no other plugin's. The contract
/// assembly and MSBuild's are those of the SDK, so that components of different plugins meet the same types. Collectible, and new for
/// each task: a rebuilt plugin is seen by a reused node.
/// </summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private static readonly Assembly Contract = typeof(PluginLoadContext).Assembly;

    private readonly AssemblyDependencyResolver resolver;

    public PluginLoadContext(string assemblyPath)
        : base("Packer plugin " + Path.GetFileNameWithoutExtension(assemblyPath), isCollectible: true) =>
        resolver = new AssemblyDependencyResolver(assemblyPath);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == Contract.GetName().Name) return Contract;
        if (assemblyName.Name is { } name && name.StartsWith("Microsoft.Build", StringComparison.Ordinal) && LoadShared(assemblyName) is { } shared) return shared;
        var path = resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var path = resolver.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    private static Assembly? LoadShared(AssemblyName name)
    {
        try
        {
            return GetLoadContext(Contract)!.LoadFromAssemblyName(name);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
