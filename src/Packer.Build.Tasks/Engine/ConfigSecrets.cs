using System.Collections;
using Packer.Configuration;

namespace Packer.Engine;

/// <summary>Finds the secrets of a decoded config, so that none of them can reach a log.</summary>
internal static class ConfigSecrets
{
    /// <summary>Every secret in a config record, its lists, maps and nested records.</summary>
    public static IEnumerable<Secret> Find(object config)
    {
        var types = new ConfigTypes();
        return types.Describe(config.GetType()).Fields.Where(field => types.HoldsSecrets(field.ValueType)).SelectMany(field => In(ValueOf(field, config)));
    }

    private static object? ValueOf(ConfigField field, object config)
    {
        var holder = config;
        foreach (var property in field.Holders) holder = holder is null ? null : property.GetValue(holder);
        return holder is null ? null : field.Property.GetValue(holder);
    }

    private static IEnumerable<Secret> In(object? value) => value switch
    {
        null or string => [],
        Secret secret => [secret],
        IDictionary map => map.Values.Cast<object?>().SelectMany(In),
        IEnumerable list => list.Cast<object?>().SelectMany(In),
        _ => Find(value),
    };
}
