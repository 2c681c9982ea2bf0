namespace Packer;

/// <summary>
/// Where a build says what it does. Lines go to the MSBuild log and to the log file of the image; secrets are replaced in them.
/// All members may be called from any thread, also after the build was cancelled.
/// </summary>
public interface IUi
{
    /// <summary>Says what the build is doing now. MSBuild importance: high.</summary>
    /// <param name="message">One or more lines.</param>
    void Say(string message);

    /// <summary>Passes on a detail or a line of a guest's output. MSBuild importance: normal.</summary>
    /// <param name="message">One or more lines.</param>
    void Message(string message);

    /// <summary>Reports an error line of a guest or of a tool. It does not fail the build by itself: throw a <see cref="PackerException"/> for that.</summary>
    /// <param name="message">One or more lines.</param>
    void Error(string message);

    /// <summary>Logs a warning with a code.</summary>
    /// <param name="code">The code, like <c>PKR1001</c>; plugins use a prefix of their own.</param>
    /// <param name="message">What was noticed, and what to do.</param>
    void Warn(string code, string message);

    /// <summary>Writes a machine-readable record: <c>unix_seconds,target,category,arguments…</c> in Packer's form. MSBuild importance: low.</summary>
    /// <param name="category">The kind of record, like <c>artifact</c>.</param>
    /// <param name="arguments">Its fields; commas and line ends in them are escaped as Packer does.</param>
    void Machine(string category, params string[] arguments);

    /// <summary>Asks the person at the terminal and returns the line typed, without its end.</summary>
    /// <param name="query">The question.</param>
    /// <param name="token">Gives up waiting.</param>
    /// <exception cref="PackerException">There is no terminal.</exception>
    Task<string> AskAsync(string query, CancellationToken token);

    /// <summary>Whether <see cref="AskAsync"/> can reach a person.</summary>
    bool CanAsk { get; }

    /// <summary>Wraps a stream so that reading it is shown as progress, a few lines at the most.</summary>
    /// <param name="name">What is read.</param>
    /// <param name="current">Bytes done before, as when a download is resumed.</param>
    /// <param name="total">Bytes in all, or 0 where not known.</param>
    /// <param name="stream">The stream to read through.</param>
    Stream TrackProgress(string name, long current, long total, Stream stream);
}
