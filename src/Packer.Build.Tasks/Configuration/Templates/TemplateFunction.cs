namespace Packer.Configuration.Templates;

/// <summary>A function that templates can call.</summary>
/// <param name="Name">Its name in snake_case.</param>
/// <param name="MinimumArguments">How many arguments it needs.</param>
/// <param name="MaximumArguments">How many arguments it takes.</param>
/// <param name="Invoke">
/// Its work. Null: the value is not known yet, the call stays in the text until the image is built. A <see cref="FormatException"/> tells what is wrong
/// with the arguments.
/// </param>
internal sealed record TemplateFunction(string Name, int MinimumArguments, int MaximumArguments, Func<IReadOnlyList<string>, string?> Invoke);
