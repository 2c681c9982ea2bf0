using System.Security.Cryptography;

namespace Packer.Imaging;

/// <summary>Hashes one piece on another thread while its caller prepares the next.</summary>
internal sealed class BackgroundHash : IAsyncDisposable
{
    private const int ZerosLength = 1 << 16;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] zeros = new byte[ZerosLength];
    private Task running = Task.CompletedTask;

    /// <summary>Appends zeros, then data. The data may change only after the next call has returned.</summary>
    public async Task AppendAsync(long zeroCount, ReadOnlyMemory<byte> data, CancellationToken token)
    {
        await running.ConfigureAwait(false);
        running = Task.Run(() => Append(zeroCount, data.Span, token), token);
    }

    /// <summary>The hash of all that was appended, in lower-case hex.</summary>
    public async Task<string> FinishAsync()
    {
        await running.ConfigureAwait(false);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        hash.Dispose();
    }

    private void Append(long zeroCount, ReadOnlySpan<byte> data, CancellationToken token)
    {
        for (; zeroCount > 0; zeroCount -= ZerosLength)
        {
            token.ThrowIfCancellationRequested();
            hash.AppendData(zeros, 0, (int)Math.Min(ZerosLength, zeroCount));
        }
        hash.AppendData(data);
    }
}
