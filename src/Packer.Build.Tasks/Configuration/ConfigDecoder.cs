namespace Packer.Configuration;

/// <summary>
/// Decodes layers of keys and values to the config record of a component, as Packer's mapstructure does: merges, renders templates, converts, checks, and
/// finds all errors in one pass. An instance remembers what it learnt of the types: keep one for all images. Safe for several threads.
/// </summary>
internal sealed class ConfigDecoder
{
    private readonly ConfigTypes _types = new();

    /// <summary>Decodes layers.</summary>
    /// <param name="type">The config record: a class with a public parameterless constructor and properties with setters.</param>
    /// <param name="layers">The layers; later ones override earlier ones.</param>
    /// <param name="context">Whose config it is, and all else that decoding needs.</param>
    /// <exception cref="InvalidOperationException">The record cannot be a config: a mistake of its author.</exception>
    public DecodeResult Decode(Type type, IReadOnlyList<ConfigLayer> layers, DecodeContext context) =>
        new DecodePass(_types, context, null).Decode(type, layers);

    /// <inheritdoc cref="Decode(Type, IReadOnlyList{ConfigLayer}, DecodeContext)"/>
    public (T Config, DecodeResult Result) Decode<T>(IReadOnlyList<ConfigLayer> layers, DecodeContext context)
        where T : class
    {
        var result = Decode(typeof(T), layers, context);
        return ((T)result.Config, result);
    }

    /// <summary>
    /// Decodes a merged config again, as the reader of a plan does when an image is built. Templates are rendered with what the context knows now.
    /// </summary>
    /// <param name="type">The config record that it was merged for.</param>
    /// <param name="merged">The merged config.</param>
    /// <param name="literalSecrets">The literal secrets of the first result: they are not in the plan.</param>
    /// <param name="context">Whose config it is, and all else that decoding needs.</param>
    public DecodeResult FromMerged(Type type, MergedConfig merged, IReadOnlyDictionary<string, string> literalSecrets, DecodeContext context) =>
        new DecodePass(_types, context, literalSecrets).Decode(type, merged);

    /// <inheritdoc cref="FromMerged(Type, MergedConfig, IReadOnlyDictionary{string, string}, DecodeContext)"/>
    public (T Config, DecodeResult Result) FromMerged<T>(MergedConfig merged, IReadOnlyDictionary<string, string> literalSecrets, DecodeContext context)
        where T : class
    {
        var result = FromMerged(typeof(T), merged, literalSecrets, context);
        return ((T)result.Config, result);
    }
}
