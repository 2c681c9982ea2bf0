using System.Security.Cryptography;
using System.Text;

namespace Packer.Engine.Planning;

/// <summary>
/// The arguments of a run of the C# compiler, as MSBuild's task <c>Csc</c> gives them in <c>CommandLineArgs</c>. With those that compiled an app for its publish
/// an edited source is compiled again, without the build around it.
/// </summary>
/// <param name="arguments">The arguments, in their order.</param>
/// <param name="projectDirectory">Full path of what relative paths in them begin at.</param>
internal sealed class CompilerArguments(IReadOnlyList<string> arguments, string projectDirectory)
{
    private const string OutputOption = "/out:";
    private const string SymbolsOption = "/pdb:";

    /// <summary>What cannot stand in a response file, or is not wanted a second time.</summary>
    private static readonly string[] Omitted = ["/noconfig", "/refout:", OutputOption];

    /// <summary>What the compiler writes.</summary>
    private static readonly string[] Written = [OutputOption, SymbolsOption, "/refout:", "/doc:", "/errorlog:"];

    /// <summary>
    /// Stands for the arguments and the content of those files among them that the build itself made: as long as it is the same, nothing but the content of sources
    /// has changed.
    /// </summary>
    /// <param name="intermediateDirectory">Full path of the folder that the build makes files in.</param>
    public string Fingerprint(string intermediateDirectory)
    {
        var text = new StringBuilder();
        foreach (var argument in arguments)
        {
            text.Append(argument).Append('\n');
            if (Written.Any(option => Is(argument, option))) continue;
            var path = PathOf(argument);
            if (path.StartsWith(intermediateDirectory, StringComparison.Ordinal) && File.Exists(path)) text.Append(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))).Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>
    /// The lines of a response file with which the compiler makes the same bytes in another place; null where the arguments do not say what they make. The
    /// symbols stay in their place, because the compiler writes it into the assembly.
    /// </summary>
    /// <param name="output">Full path of the assembly to make.</param>
    public string? ResponseFile(string output)
    {
        if (arguments.FirstOrDefault(argument => Is(argument, OutputOption)) is not { } original) return null;
        var lines = arguments.Where(argument => !Omitted.Any(option => Is(argument, option))).Append(OutputOption + output);
        if (!arguments.Any(argument => Is(argument, SymbolsOption))) lines = lines.Append(SymbolsOption + Path.ChangeExtension(PathOf(original), "pdb"));
        return string.Concat(lines.Select(line => (line.Contains('"', StringComparison.Ordinal) ? line : $"\"{line}\"") + "\n"));
    }

    private static bool Is(string argument, string option) => argument.StartsWith(option, StringComparison.OrdinalIgnoreCase);

    /// <summary>The path in an argument: that of a source is all of it, that of an option stands behind the colon.</summary>
    private string PathOf(string argument)
    {
        var value = Path.IsPathRooted(argument) && File.Exists(argument) || !argument.StartsWith('/') ? argument : argument[(argument.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return Path.GetFullPath(Path.Combine(projectDirectory, value.Trim('"')));
    }
}
