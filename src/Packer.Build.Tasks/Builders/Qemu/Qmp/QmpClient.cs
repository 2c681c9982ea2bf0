using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Packer.Configuration;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>
/// A client of QEMU's machine protocol (QEMU docs/interop/qmp-spec.rst): one JSON object a line. All members may be called from any thread, and
/// commands may overlap. When QEMU goes away every command that waits fails, and every subscription ends.
/// </summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly JsonSerializerOptions NoIndent = new() { WriteIndented = false };

    private readonly Stream stream;
    private readonly StreamReader reader;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> waiting = new();
    private readonly Lock gate = new();
    private readonly HashSet<QmpSubscription> subscriptions = [];
    private Task reading = Task.CompletedTask;
    private bool closed;
    private long lastId;

    private QmpClient(Stream stream)
    {
        this.stream = stream;
        reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
    }

    /// <summary>QEMU's version.</summary>
    public Version Version { get; private set; } = new(0, 0);

    /// <summary>Ends, without failure, when QEMU has closed the connection.</summary>
    public Task Completion => reading;

    /// <summary>Connects to the socket of a QEMU that has just been started: tries until it answers.</summary>
    /// <param name="endPoint">A <see cref="UnixDomainSocketEndPoint"/> or an address.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="token">Stops it; the caller cancels it when QEMU has ended.</param>
    /// <exception cref="PackerException">Nothing answers in time, or what answers is no QEMU.</exception>
    public static async Task<QmpClient> ConnectAsync(EndPoint endPoint, TimeSpan timeout, CancellationToken token)
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
                    return await OpenAsync(new NetworkStream(socket, ownsSocket: true), limit.Token);
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
                $"QEMU's control socket '{endPoint}' did not answer within {DurationFormat.Format(timeout)}: {reason ?? "it sent no greeting"}. Look in the log for what QEMU said.");
        }
    }

    /// <summary>Takes over a connection: reads the greeting and negotiates (qmp-spec, sections "Server Greeting" and "Capabilities Negotiation").</summary>
    /// <param name="stream">The connection; it is disposed with the client, and when this fails.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="PackerException">What answers is no QEMU.</exception>
    public static async Task<QmpClient> OpenAsync(Stream stream, CancellationToken token)
    {
        var client = new QmpClient(stream);
        try
        {
            await client.ReadGreetingAsync(token);
            client.reading = Task.Run(client.ReadAsync, CancellationToken.None);
            await client.ExecuteAsync("qmp_capabilities", null, token);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command and returns what it gives back.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">An object whose properties, named as QEMU names them, are its arguments (a dictionary does too); null for none.</param>
    /// <param name="token">Gives up waiting; QEMU may carry the command out all the same.</param>
    /// <exception cref="PackerException">QEMU refuses the command, or is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, object? arguments, CancellationToken token)
    {
        var id = Interlocked.Increment(ref lastId);
        var request = new Dictionary<string, object> { ["execute"] = command, ["id"] = id };
        if (arguments is not null) request["arguments"] = arguments;
        var line = JsonSerializer.SerializeToUtf8Bytes(request, NoIndent);

        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (closed) throw Lost(command);
            waiting[id] = answer;
        }
        try
        {
            await SendAsync([.. line, (byte)'\n'], token);
            return Result(command, await answer.Task.WaitAsync(token));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or EndOfStreamException)
        {
            throw Lost(command, exception);
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Starts to collect events. Subscribe before the command whose effect is waited for.</summary>
    public QmpSubscription Subscribe()
    {
        var subscription = new QmpSubscription(Unsubscribe);
        lock (gate)
        {
            if (closed) subscription.Complete();
            else subscriptions.Add(subscription);
        }
        return subscription;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        await stream.DisposeAsync();
        Close();
    }

    private void Unsubscribe(QmpSubscription subscription)
    {
        lock (gate) subscriptions.Remove(subscription);
    }

    private async Task ReadGreetingAsync(CancellationToken token)
    {
        try
        {
            var line = await reader.ReadLineAsync(token) ?? throw Unreachable("it closed the connection");
            using var greeting = JsonDocument.Parse(line);
            var version = greeting.RootElement.GetProperty("QMP").GetProperty("version").GetProperty("qemu");
            Version = new Version(version.GetProperty("major").GetInt32(), version.GetProperty("minor").GetInt32(), version.GetProperty("micro").GetInt32());
        }
        catch (IOException exception)
        {
            throw Unreachable(exception.Message);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Unreachable("what answers there is no QEMU");
        }

        static PackerException Unreachable(string reason) => new(DiagnosticCodes.MachineUnreachable,
            $"QEMU did not greet on its control socket: {reason}. Look in the log for what QEMU said.");
    }

    private async Task SendAsync(byte[] line, CancellationToken token)
    {
        await writing.WaitAsync(token);
        try
        {
            // Never cut short: half a line would spoil the next one.
            await stream.WriteAsync(line, stop.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new IOException("The connection was closed.");
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await reader.ReadLineAsync(stop.Token) is { } line)
            {
                if (line.Length > 0) Receive(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            // QEMU is gone, or what it says is no JSON any more: there is no way to go on.
        }
        Close();
    }

    private void Receive(string line)
    {
        JsonElement message;
        using (var document = JsonDocument.Parse(line)) message = document.RootElement.Clone();
        if (message.TryGetProperty("event", out var name))
        {
            var happened = new QmpEvent(name.GetString() ?? "", message.TryGetProperty("data", out var data) ? data : default);
            lock (gate)
            {
                foreach (var subscription in subscriptions) subscription.Add(happened);
            }
        }
        else if (message.TryGetProperty("id", out var id) && id.TryGetInt64(out var number) && waiting.TryRemove(number, out var answer))
        {
            answer.TrySetResult(message);
        }
    }

    private void Close()
    {
        lock (gate)
        {
            closed = true;
            foreach (var subscription in subscriptions) subscription.Complete();
            subscriptions.Clear();
        }
        foreach (var answer in waiting.Values) answer.TrySetException(new EndOfStreamException());
    }

    private static JsonElement Result(string command, JsonElement message)
    {
        if (message.TryGetProperty("return", out var result)) return result;
        var error = message.GetProperty("error");
        throw new QmpException(error.GetProperty("class").GetString() ?? "", command, error.GetProperty("desc").GetString() ?? "");
    }

    private static PackerException Lost(string command, Exception? inner = null) => new(DiagnosticCodes.MachineConnectionLost,
        string.Create(CultureInfo.InvariantCulture, $"QEMU is gone: its command '{command}' got no answer. Look in the log for what QEMU said last."), inner);
}
