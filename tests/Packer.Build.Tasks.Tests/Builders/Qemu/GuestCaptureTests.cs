using Packer.Builders.Qemu;

namespace Packer.Tests.Builders.Qemu;

/// <summary>What packets say of a guest's address.</summary>
[TestClass]
public sealed class GuestCaptureTests
{
    private static byte[] Discover => Dhcp(1);

    private static byte[] Request => Dhcp(3);

    private static byte[] Neighbour => Frame(0x86DD, new byte[72]);

    private static byte[] ArpProbe => Frame(0x0806, [0, 1, 8, 0, 6, 4, 0, 1, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 2, 15]);

    private static byte[] ArpReply => Frame(0x0806, [0, 1, 8, 0, 6, 4, 0, 2, 1, 2, 3, 4, 5, 6, 10, 0, 2, 15, 1, 2, 3, 4, 5, 6, 10, 0, 2, 2]);

    private static byte[] Answer => Frame(0x0800, [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2, .. new byte[20]]);

    [TestMethod]
    public void Only_a_guest_that_takes_or_uses_an_address_has_one()
    {
        Assert.AreEqual(GuestAddress.None, GuestCapture.Read(File()));
        foreach (var frame in (byte[][])[Neighbour, Discover, ArpProbe]) Assert.AreEqual(GuestAddress.Linked, GuestCapture.Read(File(frame)));
        Assert.AreEqual(GuestAddress.Linked, GuestCapture.Read(File(Neighbour, Discover, ArpProbe)));
        Assert.AreEqual(GuestAddress.None, GuestCapture.Read(File(Frame(0x88CC, new byte[46]))));
        Assert.AreEqual(GuestAddress.Requested, GuestCapture.Read(File(Neighbour, Discover, Request)));
        Assert.AreEqual(GuestAddress.Used, GuestCapture.Read(File(ArpReply)));
        Assert.AreEqual(GuestAddress.Used, GuestCapture.Read(File(Discover, Request, Answer, Neighbour)));
    }

    [TestMethod]
    public void A_file_that_is_cut_or_damaged_says_less_and_breaks_nothing()
    {
        var whole = File(Discover, Request, Answer);
        for (var length = 0; length < whole.Length; length++) Assert.AreNotEqual(GuestAddress.Used, GuestCapture.Read(whole.AsSpan(0, length)));
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = whole.ToArray();
            for (var change = 0; change < 6; change++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            _ = GuestCapture.Read(damaged);
        }
    }

    private static byte[] Dhcp(byte type)
    {
        byte[] message = [.. new byte[236], 99, 130, 83, 99, 0, 61, 7, 1, 1, 2, 3, 4, 5, 6, 53, 1, type, 255];
        byte[] datagram = [0, 68, 0, 67, 0, 0, 0, 0, .. message];
        return Frame(0x0800, [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, .. datagram]);
    }

    private static byte[] Frame(ushort kind, byte[] content) => [.. new byte[12], (byte)(kind >> 8), (byte)kind, .. content];

    private static byte[] File(params byte[][] frames) =>
        [.. new byte[24], .. frames.SelectMany(frame => (byte[])[.. new byte[8], .. BitConverter.GetBytes(frame.Length), .. BitConverter.GetBytes(frame.Length), .. frame])];
}
