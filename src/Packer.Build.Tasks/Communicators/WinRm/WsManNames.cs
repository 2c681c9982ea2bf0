using System.Xml.Linq;

namespace Packer.Communicators.WinRm;

/// <summary>Names of WS-Management (DMTF DSP0226, section 5 and annex A) and of Microsoft's remote shell over it (MS-WSMV, sections 2.2.4 and 3.1.4).</summary>
internal static class WsManNames
{
    public const string Anonymous = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
    public const string ShellResource = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd";

    public const string Create = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create";
    public const string Delete = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete";
    public const string Command = ShellNamespace + "/Command";
    public const string Send = ShellNamespace + "/Send";
    public const string Receive = ShellNamespace + "/Receive";
    public const string Signal = ShellNamespace + "/Signal";

    public const string Terminate = ShellNamespace + "/signal/terminate";
    public const string Done = ShellNamespace + "/CommandState/Done";

    public static readonly XNamespace Soap = "http://www.w3.org/2003/05/soap-envelope";
    public static readonly XNamespace Addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    public static readonly XNamespace WsMan = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
    public static readonly XNamespace Microsoft = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
    public static readonly XNamespace Shell = ShellNamespace;

    private const string ShellNamespace = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";
}
