using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Gives the errors of the layers below their diagnostic codes. Their messages already say what to do.</summary>
internal static class ApplianceErrors
{
    /// <summary>The error for the user, or null for what is no error of these layers.</summary>
    public static PackerException? TryTranslate(Exception exception) => exception switch
    {
        DebianException debian => new PackerException(Code(debian.Error), debian.Message, debian),
        ImagingException { InnerException: IOException cause } when FileErrors.IsDiskFull(cause) => new PackerException(DiagnosticCodes.DiskFull, exception.Message, exception),
        ImagingException => new PackerException(DiagnosticCodes.ImageNotComposed, exception.Message, exception),
        _ => null,
    };

    private static string Code(DebianError error) => error switch
    {
        DebianError.SignatureInvalid or DebianError.SignatureUntrusted or DebianError.SignatureExpired or DebianError.KeyringInvalid => DiagnosticCodes.DebianNotTrusted,
        DebianError.ReleaseExpired or DebianError.ReleaseNotYetValid or DebianError.WrongSuite or DebianError.HashMismatch or DebianError.Damaged or DebianError.TooLarge =>
            DiagnosticCodes.DebianMirrorWrong,
        DebianError.NotFound or DebianError.Unreachable => DiagnosticCodes.DebianMirrorUnreachable,
        _ => DiagnosticCodes.DebianPackagesUnsatisfiable,
    };
}
