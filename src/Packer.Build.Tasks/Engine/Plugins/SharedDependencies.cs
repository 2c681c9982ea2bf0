using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Packer.Engine.Plugins;

/// <summary>
/// The form of this assembly that is compiled ahead of time lies in a folder of its own host (<c>tasks/net10.0/linux-x64</c>); what it needs lies
/// once for all hosts in the folder above.
/// </summary>
internal static class SharedDependencies
{
#pragma warning disable CA2255 // An assembly that is loaded by MSBuild has no other place to say where its dependencies are before the first is needed.
    [ModuleInitializer]
    internal static void Register()
    {
        var assembly = typeof(SharedDependencies).Assembly;
        if (assembly.Location.Length > 0 && AssemblyLoadContext.GetLoadContext(assembly) is { } context) context.Resolving += Resolve;
    }
#pragma warning restore CA2255

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(typeof(SharedDependencies).Assembly.Location));
        var path = folder is null ? null : Path.Combine(folder, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }
}
