namespace Packer;

/// <summary>The base of all attributes that tell the decoder how a property of a config record is read.</summary>
public abstract class ConfigAttribute : Attribute;

/// <summary>The key must be set (and not be empty), else <c>PKR0012</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigRequiredAttribute : ConfigAttribute;

/// <summary>
/// Keys that this property had formerly. They are still accepted, with the warning <c>PKR0013</c> that names the new key.
/// </summary>
/// <param name="oldKeys">The old keys in snake_case.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigDeprecatedAttribute(params string[] oldKeys) : ConfigAttribute
{
    /// <summary>The old keys in snake_case.</summary>
    public IReadOnlyList<string> OldKeys { get; } = oldKeys;
}

/// <summary>
/// Other names of the key, which mean the same without a warning: Packer's own where it cannot be metadata (MSBuild keeps <c>Target</c>,
/// <c>Output</c> and <c>Directory</c> for itself), or a short form.
/// </summary>
/// <param name="aliases">The other names in snake_case.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigAliasAttribute(params string[] aliases) : ConfigAttribute
{
    /// <summary>The other names in snake_case.</summary>
    public IReadOnlyList<string> Aliases { get; } = aliases;
}

/// <summary>The keys of this nested record stand at the level of the record that holds it, as if its properties were declared there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigSquashAttribute : ConfigAttribute;

/// <summary>
/// The key of the property, or the text of the enum member, where the automatic rule gives a wrong one. The rule makes snake_case of the
/// name: <c>IsoUrl</c> and <c>ISOUrl</c> are <c>iso_url</c>, <c>Http2Port</c> is <c>http2_port</c>.
/// </summary>
/// <param name="name">The name in snake_case.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ConfigNameAttribute(string name) : ConfigAttribute
{
    /// <summary>The name in snake_case.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// The value does not change what is in the image (a timeout, a port on the host, a display): changing it makes no image out of date.
/// Only for properties of the config record itself and of squashed records.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotPartOfImageAttribute : ConfigAttribute;

/// <summary>
/// The component renders this value itself while the image is built, with fields that are known only then (such as <c>.HTTPIP</c>).
/// When the config is decoded, only the template's syntax, its functions and its fields are checked, and the property gets the text as written.
/// </summary>
/// <param name="fields">The fields that the component will supply, without the dot; another one is an error. None: any field is accepted.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RenderLateAttribute(params string[] fields) : ConfigAttribute
{
    /// <summary>The fields that the component will supply; empty: any.</summary>
    public IReadOnlyList<string> Fields { get; } = fields;
}
