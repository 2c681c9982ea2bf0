namespace Packer.Engine.Reports;

/// <summary>Notes the warnings of a build and passes all on.</summary>
internal sealed class RecordingUi(IUi inner) : IUi
{
    /// <summary>Takes the notes of the build.</summary>
    public BuildRecorder Recorder { get; } = new();

    public bool CanAsk => inner.CanAsk;

    public void Say(string message) => inner.Say(message);

    public void Message(string message) => inner.Message(message);

    public void Error(string message) => inner.Error(message);

    public void Warn(string code, string message)
    {
        Recorder.Warn(code, message);
        inner.Warn(code, message);
    }

    public void Machine(string category, params string[] arguments) => inner.Machine(category, arguments);

    public Task<string> AskAsync(string query, CancellationToken token) => inner.AskAsync(query, token);

    public Stream TrackProgress(string name, long current, long total, Stream stream) => inner.TrackProgress(name, current, total, stream);
}
