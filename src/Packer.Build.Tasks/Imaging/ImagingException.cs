namespace Packer.Imaging;

/// <summary>The only exception of this layer: what happened, where, and what to do next.</summary>
internal sealed class ImagingException : Exception
{
    public ImagingException(string message) : base(message)
    {
    }

    public ImagingException(string message, Exception cause) : base(message, cause)
    {
    }
}
