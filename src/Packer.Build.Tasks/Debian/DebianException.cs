namespace Packer.Debian;

/// <summary>Says what went wrong with an archive or a package, where, and what to do next.</summary>
internal sealed class DebianException(DebianError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The kind of the error.</summary>
    public DebianError Error { get; } = error;

    /// <summary>A file that does not have the format it should have.</summary>
    /// <param name="where">The path or address of the file.</param>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="innerException">What the decoder said.</param>
    public static DebianException Damaged(string where, string what, Exception? innerException = null) =>
        new(DebianError.Damaged, $"{where} is damaged: {what}. Delete the cached copy and try again, or use another mirror.", innerException);
}
