using Packer.Steps.Keyboards;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>
/// The keyboard of a machine, by QEMU's command <c>input-send-event</c>. It names keys by their place, so that no layout of a server stands between,
/// and works without VNC.
/// </summary>
internal sealed class QmpKeyboard(QmpClient client) : IKeyboard
{
    /// <inheritdoc />
    public Task PressAsync(Key key, CancellationToken token) => SendAsync(key, down: true, token);

    /// <inheritdoc />
    public Task ReleaseAsync(Key key, CancellationToken token) => SendAsync(key, down: false, token);

    private Task SendAsync(Key key, bool down, CancellationToken token)
    {
        var press = new { type = "key", data = new { down, key = new { type = "qcode", data = key.QCode } } };
        return client.ExecuteAsync("input-send-event", new { events = new[] { press } }, token);
    }
}
