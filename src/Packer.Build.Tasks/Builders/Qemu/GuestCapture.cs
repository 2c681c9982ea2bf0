using System.Buffers.Binary;

namespace Packer.Builders.Qemu;

/// <summary>What the packets of a guest say of its address.</summary>
internal enum GuestAddress
{
    /// <summary>It has none, as far as one can hear.</summary>
    None,

    /// <summary>It has none that one could hear of, but its network card is at work.</summary>
    Linked,

    /// <summary>It has asked for the one that it was offered, and will have it in a moment.</summary>
    Requested,

    /// <summary>It has one and uses it.</summary>
    Used,
}

/// <summary>Reads the packets that a guest has sent: a capture file (pcap-savefile(5)) of Ethernet frames, which may still be written to.</summary>
internal static class GuestCapture
{
    private const int FileHeaderLength = 24;
    private const int PacketHeaderLength = 16;
    private const int EthernetHeaderLength = 14;
    private const ushort Ip4 = 0x0800;
    private const ushort Arp = 0x0806;
    private const ushort Ip6 = 0x86DD;
    private const byte Udp = 17;
    private const ushort DhcpClientPort = 68;
    private const int DhcpOptions = 240;
    private const byte DhcpMessageType = 53;
    private const byte DhcpRequest = 3;
    private const byte DhcpPadding = 0;

    /// <summary>Reads a file. What is cut short, or of another kind, says nothing.</summary>
    public static GuestAddress Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        return Read(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
    }

    /// <summary>Reads the bytes of a file.</summary>
    public static GuestAddress Read(ReadOnlySpan<byte> capture)
    {
        var farthest = GuestAddress.None;
        for (var at = FileHeaderLength; at + PacketHeaderLength <= capture.Length;)
        {
            // The file is in the byte order of the machine that QEMU runs on.
            var length = BitConverter.ToUInt32(capture[(at + 8)..]);
            at += PacketHeaderLength;
            if (length > capture.Length - at) break;
            var found = Of(capture.Slice(at, (int)length));
            if (found > farthest) farthest = found;
            at += (int)length;
        }
        return farthest;
    }

    private static GuestAddress Of(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetHeaderLength) return GuestAddress.None;
        var packet = frame[EthernetHeaderLength..];
        return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            // The sender's address; that of a guest which asks whether its own is free is zero (RFC 826, RFC 5227).
            Arp when packet.Length >= 18 && IsAddress(packet.Slice(14, 4)) => GuestAddress.Used,
            Ip4 when packet.Length >= 20 && IsAddress(packet.Slice(12, 4)) => GuestAddress.Used,
            Ip4 when packet.Length >= 20 && packet[9] == Udp => OfDatagram(packet[Math.Min(packet.Length, (packet[0] & 15) * 4)..]),
            Arp or Ip4 or Ip6 => GuestAddress.Linked,
            _ => GuestAddress.None,
        };
    }

    /// <summary>DHCP (RFC 2131, section 2; RFC 2132, section 9.6).</summary>
    private static GuestAddress OfDatagram(ReadOnlySpan<byte> datagram)
    {
        const int Header = 8;
        if (datagram.Length < Header + DhcpOptions || BinaryPrimitives.ReadUInt16BigEndian(datagram) != DhcpClientPort) return GuestAddress.Linked;
        var options = datagram[(Header + DhcpOptions)..];
        while (options.Length >= 3)
        {
            if (options[0] == DhcpMessageType) return options[2] == DhcpRequest ? GuestAddress.Requested : GuestAddress.Linked;
            options = options[0] == DhcpPadding ? options[1..] : options[Math.Min(options.Length, 2 + options[1])..];
        }
        return GuestAddress.Linked;
    }

    private static bool IsAddress(ReadOnlySpan<byte> address) => address.ContainsAnyExcept((byte)0);
}
