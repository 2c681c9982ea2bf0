namespace Packer;

/// <summary>Common part of the attributes that register a component under a name.</summary>
/// <param name="name">The name that items use, lower case: <c>qemu</c>.</param>
public abstract class PackerComponentAttribute(string name) : Attribute
{
    /// <summary>The name that items use.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Raised by the author when the component makes something else of the same settings; images built by an older behaviour are then out of
    /// date. Default 1.
    /// </summary>
    public int BehaviorVersion { get; set; } = 1;
}

/// <summary>Registers a builder: <c>&lt;PackerImage Include="…" Builder="name" /&gt;</c>.</summary>
/// <param name="name">The name that items use.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PackerBuilderAttribute(string name) : PackerComponentAttribute(name)
{
    /// <summary>Whether the builder runs provisioners. A provisioner is applied to every image whose builder does. Default true.</summary>
    public bool Provisions { get; set; } = true;

    /// <summary>
    /// Whether the builder can put the app of the project into its images (<c>Content="app"</c>; see <see cref="BuildContext.App"/>). Where it
    /// cannot, <c>Content</c> is a key of the builder's own. Default false.
    /// </summary>
    public bool TakesApp { get; set; }
}

/// <summary>Registers a provisioner: <c>&lt;PackerProvisioner Include="name" /&gt;</c>.</summary>
/// <param name="name">The name that items use.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PackerProvisionerAttribute(string name) : PackerComponentAttribute(name);

/// <summary>Registers a communicator: <c>Communicator="name"</c> on an image.</summary>
/// <param name="name">The name that items use.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PackerCommunicatorAttribute(string name) : PackerComponentAttribute(name);

/// <summary>Registers a post-processor: <c>&lt;PackerPostProcessor Include="name" /&gt;</c>.</summary>
/// <param name="name">The name that items use.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PackerPostProcessorAttribute(string name) : PackerComponentAttribute(name);
