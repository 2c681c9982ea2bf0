namespace Packer.Configuration;

internal sealed class ConfigDecoder
{
    public DecodeResult Decode(Type type, IReadOnlyList<ConfigLayer> layers, DecodeContext context) => throw new NotImplementedException();

    public (T Config, DecodeResult Result) Decode<T>(IReadOnlyList<ConfigLayer> layers, DecodeContext context)
        where T : class => throw new NotImplementedException();

    public DecodeResult FromMerged(Type type, MergedConfig merged, IReadOnlyDictionary<string, string> literalSecrets, DecodeContext context) => throw new NotImplementedException();

    public (T Config, DecodeResult Result) FromMerged<T>(MergedConfig merged, IReadOnlyDictionary<string, string> literalSecrets, DecodeContext context)
        where T : class => throw new NotImplementedException();
}
