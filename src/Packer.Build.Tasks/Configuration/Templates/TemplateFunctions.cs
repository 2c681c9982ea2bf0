using System.Globalization;
using System.Text;

namespace Packer.Configuration.Templates;

/// <summary>What the functions of templates know.</summary>
internal sealed class TemplateEnvironment
{
    /// <summary>The name of the image.</summary>
    public required string BuildName { get; init; }

    /// <summary>The name of the builder.</summary>
    public required string BuildType { get; init; }

    /// <summary>The full path of the project directory.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>The version of this package.</summary>
    public required string PackerVersion { get; init; }

    /// <summary>The values of <c>user</c>.</summary>
    public IReadOnlyDictionary<string, string> UserVariables { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> GetEnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>What is known only while the image is built; null while planning.</summary>
    public TemplateRunValues? Run { get; init; }
}

/// <summary>What is known only while an image is built.</summary>
internal sealed class TemplateRunValues
{
    /// <summary>When the build started.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>The value of <c>build</c> by its key; null: not known yet.</summary>
    public required Func<string, string?> BuildData { get; init; }

    /// <summary>The path of <c>artifact</c> by its argument, <c>image</c> or <c>image.format</c>; null: not known yet.</summary>
    public required Func<string, string?> Artifact { get; init; }
}

/// <summary>
/// The functions of Packer's templates. Those that would give another text in every build (<c>isotime</c>, <c>strftime</c>, <c>timestamp</c>, <c>uuid</c>)
/// and those that ask a build (<c>build</c>, <c>artifact</c>) are answered only while an image is built: the plan keeps their text, so that an image is not
/// out of date for their sake. Other than in Packer <c>env</c> is allowed everywhere (its value becomes part of the config), and <c>pwd</c> and
/// <c>template_dir</c> are both the project directory. Builders add <c>clean_resource_name</c>.
/// </summary>
internal static class TemplateFunctions
{
    /// <summary>The name of the function that gives a path of another image's artifact.</summary>
    public const string Artifact = "artifact";

    /// <summary>Makes the functions.</summary>
    public static IReadOnlyList<TemplateFunction> Standard(TemplateEnvironment environment)
    {
        var run = environment.Run;
        return
        [
            new(Artifact, 1, 1, arguments => run?.Artifact(arguments[0])),
            new("build", 1, 1, arguments => run?.BuildData(arguments[0])),
            new("build_name", 0, 0, _ => environment.BuildName),
            new("build_type", 0, 0, _ => environment.BuildType),
            new("env", 1, 1, arguments => environment.GetEnvironmentVariable(arguments[0]) ?? ""),
            new("isotime", 0, 1, arguments => Isotime(run, arguments)),
            new("lower", 1, 1, static arguments => arguments[0].ToLowerInvariant()),
            new("packer_version", 0, 0, _ => environment.PackerVersion),
            new("pwd", 0, 0, _ => environment.ProjectDirectory),
            new("replace", 4, 4, Replace),
            new("replace_all", 3, 3, static arguments => Replace(arguments[2], arguments[0], arguments[1], -1)),
            new("split", 3, 3, Split),
            new("strftime", 1, 1, arguments => Strftime(run, arguments[0])),
            new("template_dir", 0, 0, _ => environment.ProjectDirectory),
            new("timestamp", 0, 0, _ => run?.StartTime.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            new("upper", 1, 1, static arguments => arguments[0].ToUpperInvariant()),
            new("user", 1, 1, arguments => User(environment, arguments[0])),
            new("uuid", 0, 0, _ => run is null ? null : Guid.CreateVersion7(run.StartTime).ToString()),
            Unsupported("consul_key"),
            Unsupported("vault"),
            Unsupported("aws_secretsmanager"),
            Unsupported("aws_secretsmanager_raw"),
            new("sed", 0, int.MaxValue, static _ => throw new FormatException("it was removed from Packer; use 'replace_all'")),
        ];
    }

    private static TemplateFunction Unsupported(string name) =>
        new(name, 0, int.MaxValue, static _ => throw new FormatException(
            "it is not supported; fetch the value before the build and refer to it by 'env:NAME' or 'file:PATH'"));

    private static string? Isotime(TemplateRunValues? run, IReadOnlyList<string> arguments)
    {
        if (run is null)
        {
            return null;
        }

        var time = run.StartTime.ToUniversalTime();
        return TimeFormats.FormatGo(time, arguments.Count == 0 ? "2006-01-02T15:04:05Z07:00" : arguments[0]);
    }

    private static string? Strftime(TemplateRunValues? run, string format)
    {
        // The format is checked while planning too.
        var text = TimeFormats.FormatC((run?.StartTime ?? DateTimeOffset.UnixEpoch).ToUniversalTime(), format);
        return run is null ? null : text;
    }

    private static string User(TemplateEnvironment environment, string name)
    {
        if (environment.UserVariables.TryGetValue(name, out var value))
        {
            return value;
        }

        var nearest = Suggestion.Nearest(name, environment.UserVariables.Keys);
        throw new FormatException($"the variable '{name}' is not defined" + (nearest is null ? "" : $"; did you mean '{nearest}'?"));
    }

    private static string Replace(IReadOnlyList<string> arguments) => Replace(arguments[3], arguments[0], arguments[1], Number(arguments[2]));

    /// <summary>As Go's strings.Replace: a negative count is "all".</summary>
    private static string Replace(string text, string old, string replacement, int count)
    {
        if (old.Length == 0)
        {
            throw new FormatException("the text to replace is empty");
        }

        var result = new StringBuilder();
        var position = 0;
        for (; count != 0; count--)
        {
            var match = text.IndexOf(old, position, StringComparison.Ordinal);
            if (match < 0)
            {
                break;
            }

            result.Append(text, position, match - position).Append(replacement);
            position = match + old.Length;
        }

        return result.Append(text, position, text.Length - position).ToString();
    }

    private static string Split(IReadOnlyList<string> arguments)
    {
        if (arguments[1].Length == 0)
        {
            throw new FormatException("the separator is empty");
        }

        var parts = arguments[0].Split(arguments[1], StringSplitOptions.None);
        var index = Number(arguments[2]);
        return index >= 0 && index < parts.Length
            ? parts[index]
            : throw new FormatException($"there is no part {index}; the text has {parts.Length} part(s), counted from 0");
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException("a whole number is expected as an argument");
}
