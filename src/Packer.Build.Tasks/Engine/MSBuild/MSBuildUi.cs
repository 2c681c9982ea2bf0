using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Packer.Engine.MSBuild;

/// <summary>
/// Writes what a build says to the MSBuild log and, with the time, to the log file of the image. Secrets are replaced and control characters
/// are dropped before a line leaves.
/// </summary>
internal sealed class MSBuildUi : IUi, IDisposable
{
    private readonly TaskLoggingHelper log;
    private readonly SecretRedactor secrets;
    private readonly string image;
    private readonly string linePrefix;
    private readonly string? logFilePath;
    private readonly SourceLocation? location;
    private readonly StreamWriter? file;
    private readonly Terminal terminal;
    private readonly Lock gate = new();

    /// <param name="log">The task's log.</param>
    /// <param name="secrets">What must not appear.</param>
    /// <param name="image">Name of the image.</param>
    /// <param name="prefixLines">Whether lines begin with the name of the image, because several are built.</param>
    /// <param name="logFilePath">Where the whole log goes, or null for no file.</param>
    /// <param name="location">Where the image stands, for warnings; null where that is not known.</param>
    public MSBuildUi(TaskLoggingHelper log, SecretRedactor secrets, string image, bool prefixLines, string? logFilePath, SourceLocation? location = null)
    {
        this.location = location;
        this.log = log;
        this.secrets = secrets;
        this.image = image;
        this.logFilePath = logFilePath;
        linePrefix = prefixLines ? image + ": " : "";
        terminal = new Terminal();
        if (logFilePath is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(logFilePath)!);
        file = new StreamWriter(new FileStream(logFilePath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
    }

    /// <inheritdoc />
    public bool CanAsk => terminal.IsAvailable;

    /// <inheritdoc />
    public void Say(string message) => Lines(message, MessageImportance.High);

    /// <inheritdoc />
    public void Message(string message) => Lines(message, MessageImportance.Normal);

    /// <inheritdoc />
    public void Error(string message) => Lines(message, MessageImportance.High);

    /// <inheritdoc />
    public void Warn(string code, string message) => Report(Diagnostic.Warning(code, $"Image '{image}': {message}", location));

    /// <inheritdoc />
    public void Machine(string category, params string[] arguments)
    {
        var record = new StringBuilder();
        record.Append(DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)).Append(',').Append(image).Append(',').Append(category);
        foreach (var argument in arguments) record.Append(',').Append(EscapeField(argument));
        Lines(record.ToString(), MessageImportance.Low, prefix: "");
    }

    /// <inheritdoc />
    public Task<string> AskAsync(string query, CancellationToken token)
    {
        ToFile(query);
        return terminal.AskAsync(secrets.Redact(query), token);
    }

    /// <inheritdoc />
    public Stream TrackProgress(string name, long current, long total, Stream stream) => new ProgressStream(this, name, current, total, stream);

    /// <summary>Logs a diagnostic as MSBuild's own, with its code, place and the page that explains it.</summary>
    public void Report(Diagnostic diagnostic)
    {
        var message = Clean(linePrefix + diagnostic.Message);
        if (diagnostic.Severity == DiagnosticSeverity.Error && logFilePath is not null)
            message += $" The full log is in '{logFilePath}'.";
        DiagnosticLog.Write(log, diagnostic with { Message = message });
        ToFile($"{(diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning")} {diagnostic.Code}: {message}");
    }

    /// <summary>Writes the stack of an unexpected exception where only a diagnostic log shows it, and to the log file.</summary>
    public void Trace(Exception exception)
    {
        var text = Clean(exception.ToString());
        log.LogMessage(MessageImportance.Low, "{0}", text);
        ToFile(text);
    }

    public void Dispose() => file?.Dispose();

    private static string EscapeField(string value) =>
        value.Replace(",", "%!(PACKER_COMMA)", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Lines(string message, MessageImportance importance, string? prefix = null)
    {
        foreach (var line in Clean(message).Split('\n'))
        {
            var text = (prefix ?? linePrefix) + line.TrimEnd();
            // As an argument, so that braces in it are no format items.
            log.LogMessage(importance, "{0}", text);
            ToFile(text);
        }
    }

    private void ToFile(string line)
    {
        if (file is null) return;
        var stamp = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture);
        lock (gate) file.WriteLine(stamp + secrets.Redact(line));
    }

    /// <summary>Secrets out, line ends made one kind, escape sequences and other control characters of a guest's output out.</summary>
    private string Clean(string text)
    {
        text = secrets.Redact(text).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return PlainText.WithoutControlCharacters(text);
    }
}
