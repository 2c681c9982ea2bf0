using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Packer.Builders.Qemu;

/// <summary>What this machine knows of the guests on a bridge of its own; Linux only.</summary>
internal static class BridgeNetwork
{
    private const string NeighbourTable = "/proc/net/arp";
    private const int AddressColumn = 0;
    private const int HardwareColumn = 3;

    /// <summary>The first IPv4 address of a bridge, at which guests reach this machine.</summary>
    /// <exception cref="PackerException">There is no such bridge, or it has no address.</exception>
    public static string AddressOf(string bridge) =>
        NetworkInterface.GetAllNetworkInterfaces().Where(each => each.Name == bridge).SelectMany(each => each.GetIPProperties().UnicastAddresses)
            .Select(each => each.Address).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString()
        ?? throw new PackerException(DiagnosticCodes.WrongValue, $"The bridge '{bridge}' of 'NetBridge' is not there, or has no IPv4 address. 'ip address' lists what there is.");

    /// <summary>The address of a guest by that of its network card, or null while this machine has not heard from it.</summary>
    /// <param name="hardwareAddress">The card's address, <c>52:54:00:…</c>.</param>
    public static string? Find(string hardwareAddress) => System.IO.File.ReadLines(NeighbourTable)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(columns => columns.Length > HardwareColumn && columns[HardwareColumn].Equals(hardwareAddress, StringComparison.OrdinalIgnoreCase))?[AddressColumn];

    /// <summary>An address for a network card, by chance from QEMU's range.</summary>
    public static string NewHardwareAddress()
    {
        byte[] bytes = [0x52, 0x54, 0x00, .. RandomNumberGenerator.GetBytes(3)];
        return string.Join(':', bytes.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
