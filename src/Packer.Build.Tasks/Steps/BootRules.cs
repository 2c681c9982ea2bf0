using Packer.Steps.BootCommands;
using Packer.Steps.Keyboards;

namespace Packer.Steps;

/// <summary>What the settings of a boot command must keep to beyond their types.</summary>
internal static class BootRules
{
    /// <summary>Checks the settings.</summary>
    public static void Check(BootConfig config, ConfigValidation validation)
    {
        if (config.BootCommand.Count > 0 && config.BootSteps.Count > 0)
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(BootConfig.BootSteps), "both 'BootCommand' and 'BootSteps' are set. Keep one of them.");
        foreach (var step in config.BootSteps.Where(step => step.Count is 0 or > 2))
            validation.Error(DiagnosticCodes.WrongValue, nameof(BootConfig.BootSteps), $"a step of 'BootSteps' has {step.Count} elements. Each is what is typed and, if you like, a description: [[\"install<enter>\", \"Start the installer\"]].");
        var layout = KeyboardLayouts.Find(config.BootKeyboardLayout) ?? KeyboardLayouts.Us;
        foreach (var (key, text) in Texts(config))
        {
            foreach (var error in BootCommandParser.Parse(text).Check(layout)) validation.Error(error.Code, key, error.Message);
        }
    }

    /// <summary>The boot command in its steps, each with its description or null.</summary>
    public static IEnumerable<(string Text, string? Description)> Steps(BootConfig config) => config.BootSteps.Count > 0
        ? config.BootSteps.Select(step => (step[0], step.Count > 1 ? step[1] : null))
        : config.BootCommand.Count > 0 ? [(string.Concat(config.BootCommand), null)] : [];

    private static IEnumerable<(string Key, string Text)> Texts(BootConfig config)
    {
        if (config.BootCommand.Count > 0) yield return (nameof(BootConfig.BootCommand), string.Concat(config.BootCommand));
        foreach (var step in config.BootSteps.Where(step => step.Count > 0)) yield return (nameof(BootConfig.BootSteps), step[0]);
    }
}
