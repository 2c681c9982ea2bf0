namespace Packer.Builders.Appliance;

/// <summary>Tells builds of this assembly apart, for entries of the cache that depend on its code and not only on their inputs.</summary>
internal static class CodeVersion
{
    /// <summary>The id that the compiler derives from the whole content of the assembly.</summary>
    public static string Current { get; } = typeof(CodeVersion).Module.ModuleVersionId.ToString("N");
}
