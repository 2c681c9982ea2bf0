namespace Packer.Builders.Appliance;

/// <summary>What the settings of each app of an image have to be.</summary>
internal static class AppRules
{
    /// <summary>Reports every fault: the key and the message.</summary>
    public static void Check(string? user, string? workingDirectory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments, Action<string, string> wrong)
    {
        foreach (var variable in environment)
        {
            if (variable.Key.Length == 0 || variable.Key.Any(c => c == '=' || char.IsControl(c)))
                wrong(nameof(ApplianceConfig.Environment), $"'{variable.Key}' cannot be the name of an environment variable. Take a name without '=' and control characters.");
            if (variable.Value.Contains('\0', StringComparison.Ordinal)) wrong(nameof(ApplianceConfig.Environment), $"the value of '{variable.Key}' holds a zero character. Remove it.");
        }
        if (arguments.Any(argument => argument.Contains('\0', StringComparison.Ordinal))) wrong(nameof(ApplianceConfig.Arguments), "an argument holds a zero character. Remove it.");
        if (user is not null && !Accounts.IsUser(user))
            wrong(nameof(ApplianceConfig.User), $"'{user}' cannot be the user of an app. Take a name of lower-case letters, digits, '-' and '_', 31 at most, or a number from 0 to {Accounts.MaximumId}.");
        if (workingDirectory is not null && !IsFolder(workingDirectory))
            wrong(nameof(ApplianceConfig.WorkingDirectory), $"'{workingDirectory}' is not the full path of a folder in the image. Begin it with '/', and take no '.', '..' or control character for a name.");
    }

    /// <summary>Whether a user may do everything in the machine.</summary>
    public static bool IsRoot(string? user) => user is not null && new Accounts().FindOwner(user) is { User: 0 };

    /// <summary>What is said of such an app.</summary>
    public static string RootWarning(string app) => $"{app} runs as root: who finds a fault in it has the whole machine. Without 'User' it runs as a user without rights, who may listen on every port and write to its home.";

    private static bool IsFolder(string path) => path.StartsWith('/') && !path.Any(char.IsControl) && !path.Split('/').Any(name => name is "." or "..");
}
