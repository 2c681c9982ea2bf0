using Packer.Configuration;

namespace Packer;

/// <summary>What a component is given to prepare itself: its settings in layers. Made by the engine.</summary>
public sealed class PrepareContext
{
    internal PrepareContext(IReadOnlyList<ConfigLayer> layers, DecodeContext decoding)
    {
        Layers = layers;
        Decoding = decoding;
    }

    internal IReadOnlyList<ConfigLayer> Layers { get; }

    internal DecodeContext Decoding { get; }
}
