using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Packer.Steps.Http;

/// <summary>Finds a free port.</summary>
internal static class PortRange
{
    /// <summary>Listens at a free port, chosen at random so that builds side by side seldom meet.</summary>
    /// <param name="address">Where to listen; <c>::</c> listens for both versions of the protocol unless only version 6 is asked for.</param>
    /// <param name="minimum">Least port.</param>
    /// <param name="maximum">Greatest port, included.</param>
    /// <param name="onlyVersion6">Whether <c>::</c> means version 6 alone.</param>
    /// <exception cref="PackerException">Every port is taken, or the address is none of this machine.</exception>
    public static Socket Listen(IPAddress address, int minimum, int maximum, bool onlyVersion6)
    {
        var ports = Enumerable.Range(minimum, maximum - minimum + 1).ToArray();
        Random.Shared.Shuffle(ports);
        foreach (var port in ports)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = !onlyVersion6;
                // On Windows another program could otherwise listen at the same port.
                if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
                socket.Bind(new IPEndPoint(address, port));
                socket.Listen();
                return socket;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                socket.Dispose();
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                throw new PackerException(DiagnosticCodes.HttpAddressNotUsable, $"The HTTP server cannot listen at '{address}': {exception.Message.TrimEnd('.')}. Set 'HttpBindAddress' to an address of this machine.", exception);
            }
        }
        throw new PackerException(DiagnosticCodes.HttpPortsTaken, string.Create(CultureInfo.InvariantCulture,
            $"No port from {minimum} to {maximum} of '{address}' is free for the HTTP server. Set 'HttpPortMin' and 'HttpPortMax' to a wider range, or end the programs that hold the ports."));
    }
}
