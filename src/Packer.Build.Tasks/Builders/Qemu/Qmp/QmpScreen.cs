using Packer.Imaging.Pictures;
using Packer.Steps.Consoles;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>The screen of a machine, by QEMU's command <c>screendump</c>; it works without VNC, and at once.</summary>
/// <param name="client">The machine.</param>
/// <param name="directory">Full path of an existing folder for the pictures on their way; QEMU must be able to write there.</param>
internal sealed class QmpScreen(QmpClient client, string directory) : IScreen
{
    /// <inheritdoc />
    public Task<Picture> CaptureAsync(CancellationToken token) => client.CaptureAsync(Path.Combine(directory, $"screen-{Guid.NewGuid():N}.ppm"), token);
}
