using System.Globalization;
using System.Xml.Linq;

namespace Packer.Communicators.WinRm;

/// <summary>A request that the service has answered with a SOAP fault (SOAP 1.2 part 1, section 5.4; the detail WSManFault: MS-WSMV, section 2.2.4.43).</summary>
/// <param name="reason">The words of the service.</param>
/// <param name="code">Windows' code for it, or null.</param>
internal sealed class WsManFault(string reason, uint? code) : Exception(reason)
{
    /// <summary>Nothing has happened within the time that the request allowed (ERROR_WSMAN_OPERATION_TIMEDOUT): of a long command this says nothing bad.</summary>
    private const uint OperationTimedOut = 2150858793;

    /// <summary>How many characters of the service's words are kept.</summary>
    private const int LongestReason = 1000;

    public bool IsTimeout => code == OperationTimedOut;

    /// <summary>Reads a fault from the body of an envelope; null where it holds none.</summary>
    public static WsManFault? Find(XElement body)
    {
        if (body.Element(WsManNames.Soap + "Fault") is not { } fault) return null;
        var detail = fault.Descendants().FirstOrDefault(element => element.Name.LocalName == "WSManFault");
        uint? code = uint.TryParse((string?)detail?.Attribute("Code"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        // The detail says more than the reason, which is a sentence of the specification.
        var words = detail?.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value;
        if (string.IsNullOrWhiteSpace(words)) words = fault.Element(WsManNames.Soap + "Reason")?.Value;
        if (string.IsNullOrWhiteSpace(words)) words = fault.Element(WsManNames.Soap + "Code")?.Value;
        var text = string.Join(' ', (words ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        if (text.Length > LongestReason) text = text[..LongestReason] + "…";
        return new WsManFault(code is null ? text : string.Create(CultureInfo.InvariantCulture, $"{text} (code {code})"), code);
    }
}
