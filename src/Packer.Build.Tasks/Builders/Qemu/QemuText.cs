namespace Packer.Builders.Qemu;

/// <summary>Text for QEMU's <c>key=value,key=value</c> form.</summary>
internal static class QemuText
{
    /// <summary>A value in which commas are doubled, as QEMU wants them.</summary>
    public static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
