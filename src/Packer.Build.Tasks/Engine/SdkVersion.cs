using System.Reflection;

namespace Packer.Engine;

/// <summary>The version of this package.</summary>
internal static class SdkVersion
{
    /// <summary>As in <c>0.1.0</c>, without the commit.</summary>
    public static string Text { get; } =
        (typeof(SdkVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];
}
