using Packer.Configuration.Templates;

namespace Packer.Configuration;

/// <summary>What the decoder must know beside the layers.</summary>
internal sealed class DecodeContext
{
    /// <summary>Whose config it is, for messages: <c>image 'web'</c>, <c>provisioner 'shell' of image 'web'</c>.</summary>
    public required string Owner { get; init; }

    /// <summary>The full path against which paths are made full.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>Renders <c>{{ }}</c> in values.</summary>
    public required TemplateEngine Templates { get; init; }

    /// <summary>The fields (<c>.Name</c>) of templates that are not rendered late.</summary>
    public IReadOnlyDictionary<string, string> TemplateData { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// False: a template that asks for something not known yet keeps its text (planning). True: it is <c>PKR0018</c> (right before the component runs).
    /// </summary>
    public bool TemplatesMustBeComplete { get; init; }

    /// <summary>True: inputs that do not exist are <c>PKR0019</c>.</summary>
    public bool CheckInputs { get; init; } = true;

    /// <summary>Looks up the file and the line of a key; a layer that knows its own places (a ConfigFile) is not asked.</summary>
    public Func<ConfigOrigin, SourceLocation?>? Locate { get; init; }

    /// <summary>Reads an environment variable when a secret <c>env:NAME</c> is revealed.</summary>
    public Func<string, string?> GetEnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;
}
