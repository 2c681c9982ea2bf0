using System.Diagnostics;
using System.Globalization;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>Sends signals with <c>kill</c>, as a user and a CI service do.</summary>
internal static class Signals
{
    /// <summary>Signals one process. One that is gone is passed over.</summary>
    public static void Send(string signal, int processId) => Kill(signal, processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Signals a process group, as a terminal does at Ctrl-C.</summary>
    public static void SendToGroup(string signal, int groupId) => Kill(signal, "-" + groupId.ToString(CultureInfo.InvariantCulture));

    private static void Kill(string signal, string target)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, "--", target]) { RedirectStandardError = true })!;
        kill.StandardError.ReadToEnd();
        kill.WaitForExit();
    }
}
