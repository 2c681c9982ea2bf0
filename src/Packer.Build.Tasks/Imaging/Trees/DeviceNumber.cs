namespace Packer.Imaging;

/// <summary>The number of a device as Linux encodes it: 12 bits of major and 20 bits of minor number.</summary>
internal readonly record struct DeviceNumber(uint Major, uint Minor)
{
    public const uint MaximumMajor = (1 << 12) - 1;
    public const uint MaximumMinor = (1 << 20) - 1;
}
