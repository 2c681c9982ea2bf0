using System.Security;
using System.Text;
using Packer.Configuration;

namespace Packer.Engine.Plugins;

/// <summary>The keys of components, for what is generated from them: the <c>Packer&lt;Key&gt;</c> properties that a project can set.</summary>
internal static class ComponentKeys
{
    private const string ConfigOwnerPrefix = "Packer.";

    /// <summary>The config record of a component: the argument of the generic class that it derives from.</summary>
    public static Type? ConfigType(Type component)
    {
        for (var type = component.BaseType; type is not null; type = type.BaseType)
            if (type.IsGenericType && type.Assembly == typeof(ComponentKeys).Assembly && type.GetGenericTypeDefinition().FullName!.StartsWith(ConfigOwnerPrefix, StringComparison.Ordinal)) return type.GetGenericArguments()[0];
        return null;
    }

    /// <summary>The keys of components in PascalCase, sorted, each once.</summary>
    public static IReadOnlyList<string> Names(IEnumerable<ComponentRegistration> components) => Names(components, field => [field.Name]);

    /// <summary>The keys of components and their aliases: a property may have a name that MSBuild keeps for itself in metadata.</summary>
    public static IReadOnlyList<string> PropertyNames(IEnumerable<ComponentRegistration> components) => Names(components, field => field.Aliases.Prepend(field.Name));

    private static IReadOnlyList<string> Names(IEnumerable<ComponentRegistration> components, Func<ConfigField, IEnumerable<string>> names)
    {
        var types = new ConfigTypes();
        return [.. components.Select(component => ConfigType(component.Type)).OfType<Type>().Distinct()
            .SelectMany(type => types.Describe(type).Fields).SelectMany(names).Select(KeyName.ToPascalCase)
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// A target that collects the <c>Packer&lt;Key&gt;</c> properties that are set. MSBuild gives tasks no list of a project's properties, so
    /// each is asked for by its name.
    /// </summary>
    /// <param name="keys">The keys in PascalCase.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="before">The target that it runs before, or null where that one names it.</param>
    public static string CollectingTarget(IEnumerable<string> keys, string target, string? before)
    {
        var text = new StringBuilder("<Project>\n  <!-- Generated from the config records; do not edit. -->\n");
        text.Append("  <Target Name=\"").Append(SecurityElement.Escape(target)).Append('"');
        if (before is not null) text.Append(" BeforeTargets=\"").Append(SecurityElement.Escape(before)).Append('"');
        text.Append(">\n    <ItemGroup>\n");
        foreach (var key in keys)
            text.Append("      <_PackerProperty Include=\"").Append(key).Append("\" Value=\"$(Packer").Append(key).Append(")\" Condition=\"'$(Packer").Append(key).Append(")' != ''\" />\n");
        return text.Append("    </ItemGroup>\n  </Target>\n</Project>\n").ToString();
    }
}
