using Packer.Configuration;

namespace Packer;

/// <summary>What a component is given to prepare itself: its settings in layers. Made by the engine.</summary>
public sealed class PrepareContext
{
    private readonly Func<Type, DecodeResult> decode;

    private PrepareContext(Func<Type, DecodeResult> decode, DecodeContext decoding)
    {
        this.decode = decode;
        Decoding = decoding;
    }

    internal DecodeContext Decoding { get; }

    /// <summary>For planning: the layers as the user wrote them.</summary>
    internal static PrepareContext FromLayers(ConfigDecoder decoder, IReadOnlyList<ConfigLayer> layers, DecodeContext decoding) =>
        new(type => decoder.Decode(type, layers, decoding), decoding);

    /// <summary>For a run: the merged settings of the plan, with the literal secrets that do not stand in it.</summary>
    internal static PrepareContext FromPlan(ConfigDecoder decoder, MergedConfig merged, IReadOnlyDictionary<string, string> literalSecrets, DecodeContext decoding) =>
        new(type => decoder.FromMerged(type, merged, literalSecrets, decoding), decoding);

    /// <summary>Decodes, then calls the author's checks where nothing was wrong before.</summary>
    internal PrepareResult Prepare<TConfig>(Action<TConfig, ConfigValidation> validate, out TConfig config)
        where TConfig : class
    {
        var decoded = decode(typeof(TConfig));
        config = (TConfig)decoded.Config;
        var diagnostics = decoded.Diagnostics.Select(found => found.Diagnostic).ToList();
        if (!decoded.HasErrors)
        {
            var validation = new ConfigValidation(Decoding, decoded.Merged);
            validate(config, validation);
            diagnostics.AddRange(validation.Diagnostics);
            if (validation.Inputs.Count > 0) decoded.Inputs = [.. decoded.Inputs, .. validation.Inputs];
            decoded.HasUnknownInputs |= validation.HasUnknownInputs;
        }
        return new PrepareResult(diagnostics, decoded);
    }
}
