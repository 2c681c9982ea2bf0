using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Packer.Sdk.Tests;

/// <summary>What a command gave. Every assertion that fails shows all of it.</summary>
internal sealed partial record BuildOutput(string CommandLine, int ExitCode, string Text)
{
    /// <summary>Errors and warnings in MSBuild's canonical form, each once (the summary repeats them).</summary>
    public IReadOnlyList<BuildMessage> Messages { get; } = Parse(Text);

    public IReadOnlyList<BuildMessage> Errors => [.. Messages.Where(message => message.IsError)];

    public IReadOnlyList<BuildMessage> Warnings => [.. Messages.Where(message => !message.IsError)];

    /// <summary>The binary log, where one was asked for.</summary>
    public string? BinaryLog { get; init; }

    public BuildOutput AssertSucceeded()
    {
        if (ExitCode != 0) Fail($"It should have succeeded, but its exit code is {ExitCode}.");
        return this;
    }

    public BuildOutput AssertFailed()
    {
        if (ExitCode == 0) Fail("It should have failed, but its exit code is 0.");
        return this;
    }

    public BuildOutput AssertNoWarnings()
    {
        if (Warnings.Count > 0) Fail($"There should be no warning, but there are {Warnings.Count}.");
        return this;
    }

    public BuildOutput AssertContains(string part)
    {
        if (!Text.Contains(part, StringComparison.Ordinal)) Fail($"The output should contain: {part}");
        return this;
    }

    public BuildOutput AssertDoesNotContain(string part)
    {
        if (Text.Contains(part, StringComparison.Ordinal)) Fail($"The output should not contain: {part}");
        return this;
    }

    /// <summary>The only error of the output, which must have the code given.</summary>
    public BuildMessage AssertOnlyError(string code)
    {
        AssertFailed();
        if (Errors.Count != 1 || Errors[0].Code != code) Fail($"There should be one error, {code}, but there are: {string.Join(", ", Errors.Select(error => error.Code))}.");
        return Errors[0];
    }

    /// <summary>The first error or warning of a code.</summary>
    public BuildMessage AssertHas(string code)
    {
        var found = Messages.FirstOrDefault(message => message.Code == code);
        if (found is null) Fail($"There should be a message {code}.");
        return found;
    }

    /// <summary>Asserts anything else and shows the output where it does not hold.</summary>
    public void Assert([DoesNotReturnIf(false)] bool condition, string what)
    {
        if (!condition) Fail(what);
    }

    public void AssertEqual<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) Fail($"{what}\nexpected: {expected}\nactual:   {actual}");
    }

    [DoesNotReturn]
    public void Fail(string what) => throw new AssertFailedException($"{what}\n--- {CommandLine}\n{Text}--- exit code {ExitCode}");

    public override string ToString() => Text;

    private static List<BuildMessage> Parse(string text)
    {
        var messages = new List<BuildMessage>();
        foreach (var line in text.Split('\n'))
        {
            var match = CanonicalMessage().Match(line);
            if (!match.Success) continue;
            var message = new BuildMessage(
                match.Groups["severity"].Value == "error", match.Groups["code"].Value, match.Groups["message"].Value,
                match.Groups["file"].Value is { Length: > 0 } file && file != "MSBUILD" ? file : null,
                int.TryParse(match.Groups["line"].Value, CultureInfo.InvariantCulture, out var number) ? number : 0);
            if (!messages.Contains(message)) messages.Add(message);
        }
        return messages;
    }

    [GeneratedRegex(@"^\s*(\d\d:\d\d:\d\d\.\d+\s+)?(\d+(:\d+)?>)?(?<file>[^\s(][^(]*?)?(\((?<line>\d+)(,\d+)*\))?\s*:\s+(packer )?(?<severity>error|warning) (?<code>[A-Za-z]+\d+)\s*:\s(?<message>.*?)(\s\[[^\]]*\])?$")]
    private static partial Regex CanonicalMessage();
}

/// <summary>An error or a warning of a build.</summary>
/// <param name="IsError">False for a warning.</param>
/// <param name="Code">Like <c>PKR0012</c>.</param>
/// <param name="Text">The message.</param>
/// <param name="File">Full path, or null.</param>
/// <param name="Line">0 where there is none.</param>
internal sealed record BuildMessage(bool IsError, string Code, string Text, string? File, int Line);
