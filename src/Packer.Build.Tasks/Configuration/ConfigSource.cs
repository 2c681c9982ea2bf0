namespace Packer.Configuration;

/// <summary>Where a value stands: a key of a layer, or an element or key inside the value of one. It makes its texts only when they are asked for.</summary>
internal sealed class ConfigSource
{
    private readonly ConfigSource? _parent;
    private readonly string? _description;
    private readonly string? _key;
    private readonly int _index;

    /// <summary>A key of a layer.</summary>
    public ConfigSource(ConfigOrigin origin, string? description, SourceLocation? location) => (Origin, _description, Location) = (origin, description, location);

    private ConfigSource(ConfigSource parent, string? key, int index)
    {
        (_parent, _key, _index) = (parent, key, index);
        Origin = parent.Origin;
        Location = parent.Location;
    }

    /// <summary>The key of the layer.</summary>
    public ConfigOrigin Origin { get; }

    /// <summary>The key here, as written.</summary>
    public string Key => _key ?? Origin.Key;

    /// <summary>The place of the layer's key, where the layer itself knows it.</summary>
    public SourceLocation? Location { get; }

    /// <summary>What the user calls it, such as <c>metadata 'Memory'</c> or <c>'size' of element 2 of metadata 'Disks'</c>.</summary>
    public string DisplayName
    {
        get
        {
            if (_parent is not null)
            {
                return (_key is null ? $"element {_index + 1}" : $"'{_key}'") + $" of {_parent.DisplayName}";
            }

            return Origin.Layer switch
            {
                ConfigLayerKind.Defaults => $"builder default '{Origin.Key}'",
                ConfigLayerKind.ProjectProperty => $"property '{Origin.Key}'",
                ConfigLayerKind.Item => $"metadata '{Origin.Key}'",
                ConfigLayerKind.ConfigFile => $"key '{Origin.Key}' of {(_description is null ? "the ConfigFile" : $"'{_description}'")}",
                ConfigLayerKind.Override => $"key '{Origin.Key}' of metadata 'Override'",
                ConfigLayerKind.GlobalProperty => $"command-line property '{Origin.Key}'",
                _ => $"key '{Origin.Key}'",
            };
        }
    }

    /// <summary>An element of a list that stands here, counted from 0.</summary>
    public ConfigSource Element(int index) => new(this, null, index);

    /// <summary>A key of a map or record that stands here.</summary>
    public ConfigSource Child(string key) => new(this, key, 0);
}
