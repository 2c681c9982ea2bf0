using System.Threading.Channels;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>The events since it was made, in order. It ends with QEMU's connection; disposing it ends it before.</summary>
internal sealed class QmpSubscription(Action<QmpSubscription> unsubscribe) : IDisposable
{
    private readonly Channel<QmpEvent> events = Channel.CreateUnbounded<QmpEvent>();

    /// <summary>The events, until QEMU closes the connection.</summary>
    public IAsyncEnumerable<QmpEvent> ReadAllAsync(CancellationToken token) => events.Reader.ReadAllAsync(token);

    /// <summary>Waits for an event of one of these names, passing over others.</summary>
    /// <exception cref="PackerException">The connection closed before one came.</exception>
    public async Task<QmpEvent> WaitAsync(IReadOnlyCollection<string> names, CancellationToken token)
    {
        await foreach (var happened in ReadAllAsync(token))
        {
            if (names.Contains(happened.Name)) return happened;
        }
        throw new PackerException(DiagnosticCodes.MachineConnectionLost, $"QEMU ended while its event {string.Join(" or ", names)} was waited for.");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        unsubscribe(this);
        Complete();
    }

    internal void Add(QmpEvent happened) => events.Writer.TryWrite(happened);

    internal void Complete() => events.Writer.TryComplete();
}
