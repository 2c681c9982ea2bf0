using Microsoft.Build.Utilities;

namespace Packer.Engine.MSBuild;

/// <summary>Turns diagnostics into MSBuild's errors and warnings.</summary>
internal static class DiagnosticLog
{
    private const string Subcategory = "packer";

    public static void Write(TaskLoggingHelper log, Diagnostic diagnostic)
    {
        var place = diagnostic.Location;
        var link = DiagnosticCodes.HelpLink(diagnostic.Code);
        if (diagnostic.Severity == DiagnosticSeverity.Error)
        {
            log.LogError(Subcategory, diagnostic.Code, null, link, place?.File, place?.Line ?? 0, place?.Column ?? 0, 0, 0, "{0}", diagnostic.Message);
        }
        else
        {
            log.LogWarning(Subcategory, diagnostic.Code, null, link, place?.File, place?.Line ?? 0, place?.Column ?? 0, 0, 0, "{0}", diagnostic.Message);
        }
    }
}
