namespace Packer.Engine.Plugins;

/// <summary>What a component is.</summary>
internal enum ComponentKind
{
    Builder,
    Provisioner,
    Communicator,
    PostProcessor,
}

/// <summary>A component that was found by its attribute.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Attribute">Its name and behaviour version.</param>
/// <param name="Type">Its class.</param>
/// <param name="AssemblyPath">The plugin's assembly, or null for a built-in component.</param>
internal sealed record ComponentRegistration(ComponentKind Kind, PackerComponentAttribute Attribute, Type Type, string? AssemblyPath)
{
    public string Name => Attribute.Name;

    /// <summary>Makes an instance.</summary>
    /// <exception cref="PackerException">The class has no usable constructor, or its constructor throws.</exception>
    public T Create<T>()
        where T : class
    {
        try
        {
            if (Activator.CreateInstance(Type) is T component) return component;
        }
        catch (Exception exception)
        {
            throw new PackerException(DiagnosticCodes.PluginDoesNotLoad, $"The class '{Type.FullName}' of '{AssemblyPath ?? "the SDK"}' cannot be created: {(exception.InnerException ?? exception).Message} Give it a public constructor without parameters that does no work.", exception);
        }
        throw new PackerException(DiagnosticCodes.PluginDoesNotLoad, $"The class '{Type.FullName}' of '{AssemblyPath}' is registered as a {Kind.ToString().ToLowerInvariant()}, but is none. Derive it from {Kind}<TConfig>.");
    }
}
