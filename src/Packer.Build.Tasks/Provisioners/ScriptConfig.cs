namespace Packer.Provisioners;

/// <summary>What all provisioners that run scripts on the machine have in common.</summary>
public sealed record ScriptConfig
{
    /// <summary>Lines of a script. One of <see cref="Inline"/>, <see cref="Script"/> and <see cref="Scripts"/> is needed.</summary>
    public IReadOnlyList<string> Inline { get; init; } = [];

    /// <summary>A script file of this machine.</summary>
    [InputFile]
    public string? Script { get; init; }

    /// <summary>Script files of this machine, run in order; globs are allowed.</summary>
    [InputFiles]
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Exit codes that count as success. Default: 0.</summary>
    public IReadOnlyList<int> ValidExitCodes { get; init; } = [0];

    /// <summary>Variables for the script, each <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> EnvironmentVars { get; init; } = [];

    /// <summary>Variables for the script by name; they override <see cref="EnvironmentVars"/>.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>The files in the order of running.</summary>
    internal IEnumerable<string> Files => Script is null ? Scripts : [Script];

    /// <summary>Checks what attributes cannot say.</summary>
    internal void Validate(ConfigValidation validation)
    {
        var given = (Inline.Count > 0 ? 1 : 0) + (Script is null ? 0 : 1) + (Scripts.Count > 0 ? 1 : 0);
        if (given == 0) validation.Error(DiagnosticCodes.RequiredKeyMissing, null, "it has nothing to run. Set 'Inline', 'Script' or 'Scripts'.");
        if (given > 1) validation.Error(DiagnosticCodes.ConflictingKeys, null, "more than one of 'Inline', 'Script' and 'Scripts' is set. Keep one of them.");
        foreach (var variable in EnvironmentVars.Where(variable => variable.IndexOf('=', StringComparison.Ordinal) < 1))
            validation.Error(DiagnosticCodes.WrongValue, nameof(EnvironmentVars), $"the variable '{variable}' has no name and value. Write it as NAME=value.");
    }
}
