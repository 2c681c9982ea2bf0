using System.Security.Cryptography;
using System.Text;

namespace Packer.Builders.Qemu;

/// <summary>
/// A folder for Unix sockets, deleted when disposed. The path of a socket has at most about 100 bytes (<c>sun_path</c> in unix(7): 108 with its end), which
/// the folder of a project easily exceeds; then it lies in the system's folder for temporary files, under a name that the next build of the image uses again.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    private const int LongestName = 12;
    private const int LongestPath = 100;
    private const int HashLength = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder.</summary>
    /// <param name="context">The build that runs.</param>
    public SocketFolder(BuildContext context)
    {
        var own = System.IO.Path.Combine(context.TemporaryDirectory, "sockets");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(own)))[..HashLength];
        Path = own.Length + LongestName <= LongestPath ? own : System.IO.Path.Combine(System.IO.Path.GetTempPath(), "packer-" + hash);
        // A folder of another user's making could not be deleted, and would not be used.
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Path);
        else Directory.CreateDirectory(Path, OwnerOnly);
    }

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Empty sockets do no harm; the next build of the image tries again.
        }
    }
}
