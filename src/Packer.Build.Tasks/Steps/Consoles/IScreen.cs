using Packer.Imaging.Pictures;

namespace Packer.Steps.Consoles;

/// <summary>The screen of a machine.</summary>
internal interface IScreen
{
    /// <summary>Takes a picture of what the screen shows now.</summary>
    /// <exception cref="PackerException">The machine cannot be reached.</exception>
    Task<Picture> CaptureAsync(CancellationToken token);
}
