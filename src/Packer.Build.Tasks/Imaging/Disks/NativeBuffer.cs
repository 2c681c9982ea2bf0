using System.Runtime.InteropServices;

namespace Packer.Imaging;

/// <summary>
/// Bytes outside of the managed heap. A build's process has a large heap, and a collection of all of it, which large arrays bring about, takes longer than what they
/// are for.
/// </summary>
/// <param name="length">How many bytes; they are zero at first.</param>
internal sealed unsafe class NativeBuffer(int length) : IDisposable
{
    private byte* bytes = (byte*)NativeMemory.AllocZeroed((nuint)length);

    /// <summary>The bytes. Nobody may hold on to them when the buffer is disposed of.</summary>
    public Span<byte> Span => bytes is null ? throw new ObjectDisposedException(nameof(NativeBuffer)) : new Span<byte>(bytes, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(bytes);
        bytes = null;
    }
}
