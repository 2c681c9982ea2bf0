namespace Packer.Imaging;

/// <summary>Unix permissions written the way people write them.</summary>
internal static class Permissions
{
    /// <summary>All twelve bits: read, write and execute of owner, group and others, set user id, set group id, sticky.</summary>
    public const UnixFileMode All = (UnixFileMode)0xFFF;

    /// <summary>Reads the decimal digits as octal ones: <c>Octal(755)</c> is rwxr-xr-x, <c>Octal(4755)</c> has set user id too.</summary>
    public static UnixFileMode Octal(int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 7777);
        int mode = 0;
        for (var shift = 0; digits > 0; shift += 3, digits /= 10)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(digits % 10, 7, nameof(digits));
            mode |= digits % 10 << shift;
        }
        return (UnixFileMode)mode;
    }
}
