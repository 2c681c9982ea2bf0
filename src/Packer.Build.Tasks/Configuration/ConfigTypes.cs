using System.Reflection;
using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>What kind of value a property takes.</summary>
internal enum ConfigShape
{
    Text,
    Boolean,
    Integer,
    Number,
    Duration,
    Size,
    Enumeration,
    Address,
    Secret,
    List,
    Map,
    Record,
}

/// <summary>How a path of a property is treated.</summary>
internal enum ConfigPathKind
{
    None,
    Path,
    InputFile,
    InputFiles,
    InputPaths,
    InputDirectory,
}

/// <summary>A member of an enumeration.</summary>
internal sealed record ConfigEnumMember(string Name, string Folded, object Value);

/// <summary>The type of a value: its shape, and the types inside it.</summary>
internal sealed class ConfigValueType
{
    public required ConfigShape Shape { get; init; }

    /// <summary>The .NET type, without <see cref="Nullable{T}"/>.</summary>
    public required Type Type { get; init; }

    /// <summary>The .NET type as declared.</summary>
    public required Type DeclaredType { get; init; }

    public bool IsNullable => !DeclaredType.IsValueType || DeclaredType != Type;

    /// <summary>The elements of a list, or the values of a map.</summary>
    public ConfigValueType? Element { get; init; }

    /// <summary>The members of an enumeration.</summary>
    public IReadOnlyList<ConfigEnumMember> Members { get; init; } = [];

    /// <summary>True: one piece of text says all.</summary>
    public bool IsScalar => Shape is not (ConfigShape.List or ConfigShape.Map or ConfigShape.Record);
}

/// <summary>A key of a record: the property, how to reach it, and what its attributes say.</summary>
internal sealed class ConfigField
{
    public required int Index { get; init; }

    /// <summary>The canonical key.</summary>
    public required string Name { get; init; }

    public required PropertyInfo Property { get; init; }

    /// <summary>The squashed records that lead to the property, outermost first.</summary>
    public required IReadOnlyList<PropertyInfo> Holders { get; init; }

    public required ConfigValueType ValueType { get; init; }

    public bool IsRequired { get; set; }

    public bool IsPartOfImage { get; set; } = true;

    public IReadOnlyList<string> OldKeys { get; set; } = [];

    /// <summary>Other names that mean the same.</summary>
    public IReadOnlyList<string> Aliases { get; set; } = [];

    public ConfigPathKind PathKind { get; set; }

    /// <summary>Not null: rendered late, with these fields.</summary>
    public IReadOnlyList<string>? LateFields { get; set; }

    public IReadOnlyList<string>? Choices { get; set; }

    public ConfigRangeAttribute? Range { get; set; }
}

/// <summary>A record: its keys.</summary>
internal sealed class ConfigRecordType
{
    private readonly Dictionary<string, ConfigField> _byFoldedName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigField> _byFoldedOldName = new(StringComparer.Ordinal);

    public ConfigRecordType(Type type, IReadOnlyList<ConfigField> fields)
    {
        Type = type;
        Fields = fields;
        foreach (var field in fields)
        {
            foreach (var name in field.Aliases.Prepend(field.Name))
            {
                if (!_byFoldedName.TryAdd(KeyName.Fold(name), field))
                {
                    throw new InvalidOperationException($"The config '{type}' has the key '{name}' twice.");
                }
            }
        }

        foreach (var field in fields)
        {
            foreach (var old in field.OldKeys)
            {
                if (_byFoldedName.ContainsKey(KeyName.Fold(old)) || !_byFoldedOldName.TryAdd(KeyName.Fold(old), field))
                {
                    throw new InvalidOperationException($"The deprecated key '{old}' of the config '{type}' is the name of another key.");
                }
            }
        }
    }

    public Type Type { get; }

    public IReadOnlyList<ConfigField> Fields { get; }

    /// <summary>The canonical defaults by the index of the field; null until they are asked for.</summary>
    public JsonNode?[]? Defaults { get; set; }

    public IEnumerable<string> Names => Fields.Select(static item => item.Name);

    /// <summary>Finds a key in any spelling.</summary>
    public ConfigField? Find(string key, out bool isOldKey)
    {
        var folded = KeyName.Fold(key);
        isOldKey = false;
        if (_byFoldedName.TryGetValue(folded, out var field))
        {
            return field;
        }

        isOldKey = _byFoldedOldName.TryGetValue(folded, out field);
        return field;
    }
}

/// <summary>
/// Describes the types of configs and remembers the descriptions, for reflection costs more than all the rest of decoding. Plain reflection, since
/// compiling accessors would pay only after hundreds of configs. Safe for several threads.
/// </summary>
internal sealed class ConfigTypes
{
    private readonly Dictionary<Type, ConfigRecordType> _records = [];
    private readonly Lock _lock = new();

    /// <summary>Describes a record.</summary>
    /// <exception cref="InvalidOperationException">The author's record cannot be a config; the message says why.</exception>
    public ConfigRecordType Describe(Type type)
    {
        lock (_lock)
        {
            if (!_records.TryGetValue(type, out var record))
            {
                var fields = new List<ConfigField>();
                Collect(type, [], fields, depth: 0);
                record = new ConfigRecordType(type, fields);
                _records.Add(type, record);
            }

            return record;
        }
    }

    /// <summary>
    /// The canonical default of a field of a record that its constructor made. The defaults are read once, since reading a property by reflection is dear.
    /// </summary>
    public JsonNode? Default(ConfigRecordType record, ConfigField field)
    {
        lock (_lock)
        {
            if (record.Defaults is null)
            {
                var instance = Create(record.Type);
                record.Defaults = new JsonNode?[record.Fields.Count];
                foreach (var each in record.Fields)
                {
                    record.Defaults[each.Index] = CanonicalValue.OfDefault(DecodePass.Get(each, instance), each.ValueType, each.LateFields is not null, this);
                }
            }

            return record.Defaults[field.Index]?.DeepClone();
        }
    }

    /// <summary>Whether values of the type can hold secrets, so that they are never quoted.</summary>
    public bool HoldsSecrets(ConfigValueType type) => HoldsSecrets(type, []);

    /// <summary>Makes a record with its defaults.</summary>
    public static object Create(Type type) =>
        Activator.CreateInstance(type) ?? throw new InvalidOperationException($"The config '{type}' cannot be created.");

    private bool HoldsSecrets(ConfigValueType type, HashSet<Type> visited)
    {
        switch (type.Shape)
        {
            case ConfigShape.Secret:
                return true;
            case ConfigShape.List or ConfigShape.Map:
                return HoldsSecrets(type.Element!, visited);
            case ConfigShape.Record when visited.Add(type.Type):
                foreach (var field in Describe(type.Type).Fields)
                {
                    if (HoldsSecrets(field.ValueType, visited))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }

    private static void Collect(Type type, IReadOnlyList<PropertyInfo> holders, List<ConfigField> fields, int depth)
    {
        if (type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new InvalidOperationException($"The config '{type}' needs a public constructor without parameters.");
        }

        if (depth > 8)
        {
            throw new InvalidOperationException($"The config '{type}' squashes itself.");
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is not { IsPublic: true } || property.GetMethod is not { IsPublic: true } || property.GetIndexParameters().Length > 0)
            {
                continue;
            }

            var attributes = (ConfigAttribute[])property.GetCustomAttributes(typeof(ConfigAttribute), inherit: true);
            if (Array.Exists(attributes, static attribute => attribute is ConfigSquashAttribute))
            {
                Collect(property.PropertyType, [.. holders, property], fields, depth + 1);
            }
            else
            {
                fields.Add(DescribeField(type, property, holders, attributes, fields.Count));
            }
        }
    }

    private static ConfigField DescribeField(Type type, PropertyInfo property, IReadOnlyList<PropertyInfo> holders, ConfigAttribute[] attributes, int index)
    {
        var name = Array.Find(attributes, static attribute => attribute is ConfigNameAttribute) is ConfigNameAttribute named
            ? named.Name
            : KeyName.ToSnakeCase(property.Name);
        var field = new ConfigField
        {
            Index = index,
            Name = name,
            Property = property,
            Holders = holders,
            ValueType = DescribeValue(property.PropertyType)
                ?? throw new InvalidOperationException(
                    $"The property '{property.Name}' of the config '{type}' has a type that no value can be decoded to: '{property.PropertyType}'."),
            IsPartOfImage = !name.StartsWith(DecodePass.InjectedPrefix, StringComparison.Ordinal),
        };
        foreach (var attribute in attributes)
        {
            Apply(field, attribute);
        }

        return field;
    }

    private static void Apply(ConfigField field, ConfigAttribute attribute)
    {
        switch (attribute)
        {
            case ConfigRequiredAttribute:
                field.IsRequired = true;
                break;
            case NotPartOfImageAttribute:
                field.IsPartOfImage = false;
                break;
            case ConfigDeprecatedAttribute deprecated:
                field.OldKeys = deprecated.OldKeys;
                break;
            case ConfigAliasAttribute alias:
                field.Aliases = alias.Aliases;
                break;
            case RenderLateAttribute late:
                field.LateFields = late.Fields;
                break;
            case ConfigChoiceAttribute choice:
                field.Choices = choice.Choices;
                break;
            case ConfigRangeAttribute range:
                field.Range = range;
                break;
            case ConfigPathAttribute:
                field.PathKind = ConfigPathKind.Path;
                break;
            case InputFileAttribute:
                field.PathKind = ConfigPathKind.InputFile;
                break;
            case InputFilesAttribute:
                field.PathKind = ConfigPathKind.InputFiles;
                break;
            case InputPathsAttribute:
                field.PathKind = ConfigPathKind.InputPaths;
                break;
            case InputDirectoryAttribute:
                field.PathKind = ConfigPathKind.InputDirectory;
                break;
        }
    }

    private static ConfigValueType? DescribeValue(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (ScalarShape(type) is { } scalar)
        {
            return new ConfigValueType
            {
                Shape = scalar,
                Type = type,
                DeclaredType = declared,
                Members = scalar == ConfigShape.Enumeration ? DescribeMembers(type) : [],
            };
        }

        var (shape, elementType) = CollectionShape(type);
        if (elementType is not null)
        {
            return DescribeValue(elementType) is { } element
                ? new ConfigValueType { Shape = shape, Type = type, DeclaredType = declared, Element = element }
                : null;
        }

        // A record of the author's; types of the runtime have no keys.
        return type.IsClass && !type.IsAbstract && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
            ? new ConfigValueType { Shape = ConfigShape.Record, Type = type, DeclaredType = declared }
            : null;
    }

    private static ConfigShape? ScalarShape(Type type)
    {
        if (type.IsEnum)
        {
            return ConfigShape.Enumeration;
        }

        switch (Type.GetTypeCode(type))
        {
            case TypeCode.String:
                return ConfigShape.Text;
            case TypeCode.Boolean:
                return ConfigShape.Boolean;
            case TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64:
                return ConfigShape.Integer;
            case TypeCode.Single or TypeCode.Double or TypeCode.Decimal:
                return ConfigShape.Number;
        }

        return type == typeof(TimeSpan) ? ConfigShape.Duration
            : type == typeof(ByteSize) ? ConfigShape.Size
            : type == typeof(Uri) ? ConfigShape.Address
            : type == typeof(Secret) ? ConfigShape.Secret
            : null;
    }

    private static (ConfigShape Shape, Type? Element) CollectionShape(Type type)
    {
        if (type.IsSZArray)
        {
            return (ConfigShape.List, type.GetElementType());
        }

        if (!type.IsGenericType)
        {
            return default;
        }

        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 1 && (definition == typeof(List<>) || IsListInterface(definition)))
        {
            return (ConfigShape.List, arguments[0]);
        }

        return arguments.Length == 2 && arguments[0] == typeof(string) && IsMap(definition) ? (ConfigShape.Map, arguments[1]) : default;
    }

    private static bool IsListInterface(Type definition) =>
        definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>) || definition == typeof(IEnumerable<>) ||
        definition == typeof(IList<>) || definition == typeof(ICollection<>);

    private static bool IsMap(Type definition) =>
        definition == typeof(IReadOnlyDictionary<,>) || definition == typeof(IDictionary<,>) || definition == typeof(Dictionary<,>);

    private static List<ConfigEnumMember> DescribeMembers(Type type)
    {
        var members = new List<ConfigEnumMember>();
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var name = field.GetCustomAttribute<ConfigNameAttribute>()?.Name ?? KeyName.ToSnakeCase(field.Name);
            members.Add(new ConfigEnumMember(name, KeyName.Fold(name), field.GetValue(null)!));
        }

        return members;
    }
}
