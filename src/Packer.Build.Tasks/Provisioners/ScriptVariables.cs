using System.Globalization;
using Packer.Steps;

namespace Packer.Provisioners;

/// <summary>The environment of a script on the machine: what Packer always sets, and over it what the user has set; sorted by name.</summary>
internal static class ScriptVariables
{
    private static readonly (string Variable, string Key)[] FromData = [("PACKER_HTTP_ADDR", "PackerHTTPAddr"), ("PACKER_HTTP_IP", "PackerHTTPIP"), ("PACKER_HTTP_PORT", "PackerHTTPPort")];

    public static SortedDictionary<string, string> Of(ScriptConfig config, ProvisionContext context)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["PACKER_BUILD_NAME"] = context.Build.Image,
            ["PACKER_BUILDER_TYPE"] = context.Build.BuilderType,
        };
        foreach (var (variable, key) in FromData)
        {
            if (context.Data.GetValueOrDefault(key) is { } value) result[variable] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        }
        foreach (var variable in config.EnvironmentVars)
        {
            var split = variable.IndexOf('=', StringComparison.Ordinal);
            result[variable[..split]] = variable[(split + 1)..];
        }
        foreach (var (name, value) in config.Env) result[name] = value;
        return result;
    }

    /// <summary>All variables one after the other, each in the format.</summary>
    public static string Text(SortedDictionary<string, string> variables, string format, Func<string, string> quote) =>
        string.Concat(variables.Select(variable => VariableFormat.Fill(format, variable.Key, quote(variable.Value))));

    public static void ValidateFormat(string? format, string key, ConfigValidation validation)
    {
        if (format is not null && !VariableFormat.IsValid(format))
            validation.Error(DiagnosticCodes.WrongValue, key, $"'{key}' is '{format}'. Write '%s' in it twice: once for the name of a variable, once for its value.");
    }
}
