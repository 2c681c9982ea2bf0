using System.IO.Pipelines;
using System.Text;
using Packer.Imaging;
using Packer.Steps.Vnc;

namespace Packer.Tests.Steps.Vnc;

[TestClass]
public sealed class VncTests
{
    [TestMethod]
    public void Challenges_are_answered_with_mirrored_keys()
    {
        // The challenge is one block twice, so the answer is too; its value is DES of it under the mirrored key, from OpenSSL.
        var challenge = Enumerable.Range(0, 16).Select(index => (byte)(index % 8)).ToArray();
        Assert.AreEqual(Convert.ToHexString(VncAuthentication.Respond(challenge, "secret12")), Convert.ToHexString(VncAuthentication.Respond(challenge, "secret12 and more")));
        Assert.AreEqual("ADCD997F8E16FEE5ADCD997F8E16FEE5", Convert.ToHexString(VncAuthentication.Respond(challenge, "secret12")));
        Assert.AreEqual(DiagnosticCodes.VncFailed, Assert.ThrowsExactly<PackerException>(() => VncAuthentication.Respond(challenge, "")).Code);
    }

    [TestMethod]
    public void Copies_may_overlap()
    {
        (int, int, int, int)[] moves = [(0, 0, 1, 1), (1, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 1), (0, 0, 1, 0), (1, 0, 0, 0)];
        foreach (var (fromX, fromY, toX, toY) in moves)
        {
            var data = Enumerable.Range(0, 16).SelectMany(index => new byte[] { (byte)index, 0, 0, 0 }).ToArray();
            var screen = new FrameBuffer(4, 4);
            screen.Draw(new FrameRectangle(0, 0, 4, 4), data);
            screen.Copy(new FrameRectangle(toX, toY, 3, 3), fromX, fromY);
            for (var y = 0; y < 3; y++)
            {
                for (var x = 0; x < 3; x++) Assert.AreEqual(((fromY + y) * 4) + fromX + x, screen.ToPicture().Pixels[((((toY + y) * 4) + toX + x) * 4) + 2]);
            }
        }
        Assert.ThrowsExactly<ImagingException>(() => new FrameBuffer(4, 4).Copy(new FrameRectangle(0, 0, 3, 3), 2, 2));
    }

    [TestMethod]
    [DataRow("RFB 003.003\n", "'RFB 003.008' is needed")]
    [DataRow("SSH-2.0-Open", "no VNC server")]
    [DataRow("RFB 00", "broke off")]
    [DataRow("RFB 003.008\n\0\0\0\0\u0009Too busy.", "Too busy")]
    [DataRow("RFB 003.008\n\u0001\u0013", "of the types 19, of which none is supported")]
    [DataRow("RFB 003.008\n\u0001\u0002", "none is set")]
    [DataRow("RFB 003.008\n\u0001\u0001\0\0\0\u0001\0\0\0\u0003No!", "No!")]
    [DataRow("RFB 003.008\n\u0001\u0001\0\0\0\0\0\0\0\0", "broke off")]
    public async Task Servers_that_cannot_be_used_are_told_apart(string sent, string message)
    {
        var (client, server) = (new Pipe(), new Pipe());
        await server.Writer.WriteAsync(Encoding.Latin1.GetBytes(sent));
        await server.Writer.CompleteAsync();
        await using var stream = new TwoWayStream(server.Reader.AsStream(), client.Writer.AsStream());
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => VncClient.OpenAsync(stream, null, CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.VncFailed, failure.Code);
        StringAssert.Contains(failure.Message, message);
    }
}
