using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Packer.Configuration;
using Packer.Imaging;
using Packer.Imaging.Pictures;
using Packer.Steps.Consoles;
using Packer.Steps.Keyboards;

namespace Packer.Steps.Vnc;

/// <summary>
/// A client of VNC servers: RFB 3.8 (RFC 6143) without security or with VNC Authentication, keys, and pictures of the screen (encodings Raw, CopyRect
/// and DesktopSize). Where the server knows QEMU's Extended Key Event (community's RFB specification, "QEMU Extended Key Event Message"), keys go by
/// their place; otherwise as keysyms, which servers of machines read as those of a US keyboard. All members may be called from any thread.
/// </summary>
internal sealed class VncClient : IKeyboard, IScreen, IAsyncDisposable
{
    private const int EncodingRaw = 0;
    private const int EncodingCopyRect = 1;
    private const int EncodingDesktopSize = -223;
    private const int EncodingExtendedKey = -258;
    private const int LongestText = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly Stream stream;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly SemaphoreSlim capturing = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private FrameBuffer screen = new(1, 1);
    private TaskCompletionSource<bool>? update;
    private Task reading = Task.CompletedTask;
    private string? failure;
    private volatile bool extendedKeys;
    private readonly HashSet<Key> heldShifts = [];

    private VncClient(Stream stream) => this.stream = stream;

    /// <summary>What the server calls the machine.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether keys go by their place, by QEMU's extension. The server turns it on, some time after the connection; it can be turned off then.</summary>
    public bool SendsPlaces
    {
        get => extendedKeys;
        set => extendedKeys = value;
    }

    /// <summary>Connects to a server that has just been started: tries until it answers.</summary>
    /// <param name="endPoint">A <see cref="UnixDomainSocketEndPoint"/> or an address.</param>
    /// <param name="password">The password, of which eight characters count; null for a server without.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="PackerException">Nothing answers in time, or the server refuses.</exception>
    public static async Task<VncClient> ConnectAsync(EndPoint endPoint, string? password, TimeSpan timeout, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(timeout);
        string? reason = null;
        try
        {
            while (true)
            {
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(endPoint, limit.Token);
                    // Keys are small and must not wait for each other.
                    if (endPoint is IPEndPoint) socket.NoDelay = true;
                    return await OpenAsync(new NetworkStream(socket, ownsSocket: true), password, limit.Token);
                }
                catch (SocketException exception)
                {
                    reason = exception.Message;
                    socket.Dispose();
                }
                catch (OperationCanceledException)
                {
                    socket.Dispose();
                    throw;
                }
                await Task.Delay(RetryInterval, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.MachineUnreachable,
                $"The VNC server '{endPoint}' did not answer within {DurationFormat.Format(timeout)}: {reason ?? "it was silent"}. Look in the log for what the hypervisor said.");
        }
    }

    /// <summary>Takes over a connection and goes through the handshake (RFC 6143 section 7).</summary>
    /// <param name="stream">The connection; it is disposed with the client, and when this fails.</param>
    /// <param name="password">The password, of which eight characters count; null for a server without.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="PackerException">The server refuses, or is none.</exception>
    public static async Task<VncClient> OpenAsync(Stream stream, string? password, CancellationToken token)
    {
        var client = new VncClient(stream);
        try
        {
            await client.HandshakeAsync(password, token);
            client.reading = Task.Run(client.ReadAsync, CancellationToken.None);
            return client;
        }
        catch (Exception exception)
        {
            await client.DisposeAsync();
            if (exception is IOException or ImagingException) throw new PackerException(DiagnosticCodes.VncFailed, $"The VNC server broke off the connection: {exception.Message}", exception);
            throw;
        }
    }

    /// <inheritdoc />
    public Task PressAsync(Key key, CancellationToken token) => SendKeyAsync(key, down: true, token);

    /// <inheritdoc />
    public Task ReleaseAsync(Key key, CancellationToken token) => SendKeyAsync(key, down: false, token);

    /// <inheritdoc />
    /// <remarks>Servers send a screen at which nothing happens only now and then: QEMU after up to two seconds.</remarks>
    public async Task<Picture> CaptureAsync(CancellationToken token)
    {
        await capturing.WaitAsync(token);
        try
        {
            while (true)
            {
                var arrival = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                var request = new byte[10];
                lock (gate)
                {
                    if (failure is not null) throw Lost();
                    update = arrival;
                    request[0] = 3;
                    BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(6), (ushort)screen.Width);
                    BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(8), (ushort)screen.Height);
                }
                await SendAsync(request, token);
                // A screen of another size has to be asked for again.
                var whole = await arrival.Task.WaitAsync(token);
                lock (gate)
                {
                    if (whole) return screen.ToPicture();
                }
            }
        }
        catch (EndOfStreamException)
        {
            throw Lost();
        }
        finally
        {
            capturing.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        await stream.DisposeAsync();
    }

    private Task SendKeyAsync(Key key, bool down, CancellationToken token)
    {
        var keysym = Keysym(key, down);
        byte[] message;
        if (!extendedKeys)
        {
            // KeyEvent (RFC 6143 section 7.5.4).
            message = new byte[8];
            message[0] = 4;
            message[1] = down ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), keysym);
            return SendAsync(message, token);
        }
        message = new byte[12];
        message[0] = 255;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), down ? (ushort)1 : (ushort)0);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), keysym);
        // The prefix 0xE0 of a scan code is said by the highest bit.
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), (uint)(key.ScanCode > byte.MaxValue ? (key.ScanCode & 0x7F) | 0x80 : key.ScanCode));
        return SendAsync(message, token);
    }

    /// <summary>
    /// A letter's keysym is a capital while Shift is held: from one that does not fit QEMU concludes that Caps Lock is on at this end, and strikes that
    /// key in the guest.
    /// </summary>
    private uint Keysym(Key key, bool down)
    {
        lock (gate)
        {
            if (key == Keys.LeftShift || key == Keys.RightShift) _ = down ? heldShifts.Add(key) : heldShifts.Remove(key);
            return heldShifts.Count > 0 && key.Keysym is >= 'a' and <= 'z' ? key.Keysym - 'a' + 'A' : key.Keysym;
        }
    }

    private async Task SendAsync(byte[] message, CancellationToken token)
    {
        await writing.WaitAsync(token);
        try
        {
            // Never cut short: half a message would spoil the next one.
            await stream.WriteAsync(message, stop.Token);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            token.ThrowIfCancellationRequested();
            lock (gate) failure ??= exception.Message;
            throw Lost();
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task HandshakeAsync(string? password, CancellationToken token)
    {
        var version = Encoding.ASCII.GetString(await ReadBytesAsync(12, token));
        // Later versions are answered with 3.8 (section 7.1.1).
        if (!version.StartsWith("RFB ", StringComparison.Ordinal)) throw Refused("what answers there is no VNC server");
        if (string.CompareOrdinal(version, "RFB 003.008\n") < 0) throw Refused($"it speaks '{version.TrimEnd()}', 'RFB 003.008' is needed");
        await stream.WriteAsync("RFB 003.008\n"u8.ToArray(), token);
        await AuthenticateAsync(password, token);

        // Others may look at the machine meanwhile: shared.
        await stream.WriteAsync(new byte[] { 1 }, token);
        var server = await ReadBytesAsync(24, token);
        screen = new FrameBuffer(BinaryPrimitives.ReadUInt16BigEndian(server), BinaryPrimitives.ReadUInt16BigEndian(server.AsSpan(2)));
        Name = await ReadTextAsync(BinaryPrimitives.ReadUInt32BigEndian(server.AsSpan(20)), token);

        // SetPixelFormat: 32 bits, depth 24, little-endian, true colour, 8 bits each of blue, green, red from the lowest.
        await stream.WriteAsync(new byte[] { 0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0 }, token);
        int[] encodings = [EncodingCopyRect, EncodingRaw, EncodingDesktopSize, EncodingExtendedKey];
        var message = new byte[4 + (4 * encodings.Length)];
        message[0] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)encodings.Length);
        for (var index = 0; index < encodings.Length; index++) BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4 + (4 * index)), encodings[index]);
        await stream.WriteAsync(message, token);
    }

    private async Task AuthenticateAsync(string? password, CancellationToken token)
    {
        const byte none = 1, vncAuthentication = 2;
        var count = (await ReadBytesAsync(1, token))[0];
        if (count == 0) throw Refused(await ReadReasonAsync(token));
        var offered = await ReadBytesAsync(count, token);
        var chosen = offered.Contains(none) ? none : vncAuthentication;
        if (!offered.Contains(chosen)) throw Refused($"it asks for security of the types {string.Join(", ", offered)}, of which none is supported");
        if (chosen == vncAuthentication && password is null) throw Refused("it asks for a password, and none is set");
        await stream.WriteAsync(new[] { chosen }, token);
        if (chosen == vncAuthentication)
        {
            await stream.WriteAsync(VncAuthentication.Respond(await ReadBytesAsync(VncAuthentication.ChallengeLength, token), password!), token);
        }
        if (BinaryPrimitives.ReadUInt32BigEndian(await ReadBytesAsync(4, token)) != 0) throw Refused(await ReadReasonAsync(token));
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true) await ReadMessageAsync((await ReadBytesAsync(1, stop.Token))[0]);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or PackerException or ImagingException)
        {
            lock (gate)
            {
                failure ??= exception.Message;
                update?.TrySetException(new EndOfStreamException());
            }
        }
    }

    /// <summary>Reads the rest of a message from the server (RFC 6143 section 7.6).</summary>
    private async Task ReadMessageAsync(byte type)
    {
        switch (type)
        {
            case 0:
                await ReadUpdateAsync();
                break;
            case 1:
                var colours = await ReadBytesAsync(5, stop.Token);
                await ReadBytesAsync(6 * BinaryPrimitives.ReadUInt16BigEndian(colours.AsSpan(3)), stop.Token);
                break;
            case 2:
                break;
            case 3:
                var cut = await ReadBytesAsync(7, stop.Token);
                await ReadTextAsync(BinaryPrimitives.ReadUInt32BigEndian(cut.AsSpan(3)), stop.Token);
                break;
            default:
                throw Refused($"it sent a message of the unknown type {type}");
        }
    }

    /// <summary>Reads a FramebufferUpdate (RFC 6143 sections 7.6.1, 7.7 and 7.8).</summary>
    private async Task ReadUpdateAsync()
    {
        var (pixels, resized) = (false, false);
        var count = BinaryPrimitives.ReadUInt16BigEndian((await ReadBytesAsync(3, stop.Token)).AsSpan(1));
        for (; count > 0; count--)
        {
            var header = await ReadBytesAsync(12, stop.Token);
            var place = new FrameRectangle(
                BinaryPrimitives.ReadUInt16BigEndian(header), BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
                BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(4)), BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(6)));
            switch (BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8)))
            {
                case EncodingRaw:
                    screen.Check(place);
                    var raw = await ReadBytesAsync(place.Width * place.Height * 4, stop.Token);
                    lock (gate) screen.Draw(place, raw);
                    pixels = true;
                    break;
                case EncodingCopyRect:
                    screen.Check(place);
                    var source = await ReadBytesAsync(4, stop.Token);
                    lock (gate) screen.Copy(place, BinaryPrimitives.ReadUInt16BigEndian(source), BinaryPrimitives.ReadUInt16BigEndian(source.AsSpan(2)));
                    pixels = true;
                    break;
                case EncodingDesktopSize:
                    lock (gate) screen = new FrameBuffer(place.Width, place.Height);
                    resized = true;
                    break;
                case EncodingExtendedKey:
                    extendedKeys = true;
                    break;
                case var unknown:
                    throw Refused($"it sent the unknown encoding {unknown}");
            }
        }
        if (!pixels && !resized) return;
        lock (gate)
        {
            update?.TrySetResult(!resized);
            update = null;
        }
    }

    private async Task<string> ReadReasonAsync(CancellationToken token) =>
        (await ReadTextAsync(BinaryPrimitives.ReadUInt32BigEndian(await ReadBytesAsync(4, token)), token)).Trim().TrimEnd('.');

    private async Task<string> ReadTextAsync(uint length, CancellationToken token)
    {
        if (length > LongestText) throw Refused("it sent a text that is too long");
        return Encoding.Latin1.GetString(await ReadBytesAsync((int)length, token));
    }

    private async Task<byte[]> ReadBytesAsync(int count, CancellationToken token)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, token);
        return bytes;
    }

    private PackerException Lost()
    {
        lock (gate) return new PackerException(DiagnosticCodes.MachineConnectionLost, $"The connection to the VNC server is lost: {failure?.TrimEnd('.') ?? "it was closed"}. Look in the log for what the hypervisor said last.");
    }

    private static PackerException Refused(string reason) => new(DiagnosticCodes.VncFailed, $"The VNC server cannot be used: {reason}.");
}
