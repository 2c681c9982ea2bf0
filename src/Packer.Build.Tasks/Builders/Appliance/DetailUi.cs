namespace Packer.Builders.Appliance;

/// <summary>Passes on as details what is said about dozens of packages at once.</summary>
internal sealed class DetailUi(IUi inner) : IUi
{
    public bool CanAsk => inner.CanAsk;

    public void Say(string message) => inner.Message(message);

    public void Message(string message) => inner.Message(message);

    public void Error(string message) => inner.Error(message);

    public void Warn(string code, string message) => inner.Warn(code, message);

    public void Machine(string category, params string[] arguments) => inner.Machine(category, arguments);

    public Task<string> AskAsync(string query, CancellationToken token) => inner.AskAsync(query, token);

    public Stream TrackProgress(string name, long current, long total, Stream stream) => stream;
}
