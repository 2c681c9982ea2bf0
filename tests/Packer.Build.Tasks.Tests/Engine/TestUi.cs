using System.Collections.Concurrent;

namespace Packer.Tests.Engine;

/// <summary>Keeps what is said, and answers questions from a list.</summary>
internal sealed class TestUi(params string[] answers) : IUi
{
    private readonly ConcurrentQueue<string> answers = new(answers);

    public ConcurrentQueue<string> Lines { get; } = [];

    public ConcurrentQueue<string> Warnings { get; } = [];

    public ConcurrentQueue<string> Questions { get; } = [];

    public string Text => string.Join("\n", Lines);

    public bool CanAsk { get; init; }

    /// <summary>Called at each question, before it is answered.</summary>
    public Func<string, CancellationToken, Task>? Asked { get; init; }

    public void Say(string message) => Lines.Enqueue(message);

    public void Message(string message) => Lines.Enqueue(message);

    public void Error(string message) => Lines.Enqueue(message);

    public void Warn(string code, string message) => Warnings.Enqueue($"{code} {message}");

    public void Machine(string category, params string[] arguments)
    {
    }

    public async Task<string> AskAsync(string query, CancellationToken token)
    {
        if (!CanAsk) throw new PackerException("TEST", "There is no terminal.");
        Questions.Enqueue(query);
        if (Asked is not null) await Asked(query, token);
        token.ThrowIfCancellationRequested();
        return answers.TryDequeue(out var answer) ? answer : "";
    }

    public Stream TrackProgress(string name, long current, long total, Stream stream) => stream;
}
