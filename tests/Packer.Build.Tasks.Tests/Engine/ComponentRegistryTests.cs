using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using Packer.Engine;
using Packer.Engine.Plugins;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class ComponentRegistryTests
{
    private static readonly string ContractPath = typeof(ComponentRegistry).Assembly.Location;

    [TestMethod]
    public async Task A_deps_json_that_cannot_be_read_is_an_error_of_the_plugin()
    {
        await using var folder = TemporaryDirectory.Create();
        var plugin = Path.Combine(folder.FullPath, "Plugin.dll");
        File.Copy(ContractPath, plugin);
        await File.WriteAllTextAsync(Path.ChangeExtension(plugin, ".deps.json"), "{ \"runtimeTarget\":");

        using var registry = new ComponentRegistry([(plugin, null)]);

        Assert.HasCount(1, registry.Diagnostics);
        Assert.AreEqual(DiagnosticCodes.PluginDoesNotLoad, registry.Diagnostics[0].Code);
        StringAssert.Contains(registry.Diagnostics[0].Message, "deps.json");
    }

    [TestMethod]
    public void Built_in_components_are_found_without_the_dependencies_of_the_others()
    {
        var context = new ContractAlone();
        try
        {
            var registry = context.LoadFromAssemblyPath(ContractPath).GetType(typeof(ComponentRegistry).FullName!, throwOnError: true)!;
            var plugins = registry.GetConstructors().Single().GetParameters().Single().ParameterType.GetGenericArguments().Single();
            using var instance = (IDisposable)Activator.CreateInstance(registry, Array.CreateInstance(plugins, 0))!;
            var components = (IEnumerable)registry.GetProperty(nameof(ComponentRegistry.All))!.GetValue(instance)!;
            var names = components.Cast<object>().Select(component => component.GetType().GetProperty(nameof(ComponentRegistration.Name))!.GetValue(component)).ToList();
            CollectionAssert.Contains(names, "file");
        }
        finally
        {
            context.Unload();
        }
    }

    /// <summary>The contract as an author's package has it: with MSBuild, and without what lies beside it in the SDK.</summary>
    private sealed class ContractAlone() : AssemblyLoadContext("contract alone", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name is "BouncyCastle.Cryptography" or "SharpCompress" or "ZstdSharp" ? throw new FileNotFoundException(assemblyName.Name) : null;
    }
}
