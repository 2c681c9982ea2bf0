using Packer.Engine;

namespace Packer.Builders.Appliance;

/// <summary>An app as it stands in the image, and how it is started there.</summary>
internal sealed record GuestApp
{
    /// <summary>Its name: <see cref="MainName"/>, or that of the item.</summary>
    public required string Name { get; init; }

    /// <summary>Its publish output.</summary>
    public required AppContent Content { get; init; }

    /// <summary>Where it lies; it belongs to root and is not written at run time.</summary>
    public required string Folder { get; init; }

    /// <summary>Where it may write.</summary>
    public required string Home { get; init; }

    /// <summary>Who it runs as.</summary>
    public required Account User { get; init; }

    /// <summary>Where it is started.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Its whole environment, in ordinal order.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The name of the project's own app.</summary>
    public const string MainName = "app";

    /// <summary>Full path of its program.</summary>
    public string Program => $"{Folder}/{Content.EntryPoint.Replace('\\', '/')}";

    /// <summary>Full path of the script that becomes it.</summary>
    public string StartScript => $"{SystemPaths.Scripts}/start-{Name}";

    /// <summary>All apps of an image, its own one first.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="app">The published app with those beside it.</param>
    /// <param name="accounts">Gets their users.</param>
    public static IReadOnlyList<GuestApp> All(ApplianceConfig config, AppContent app, Accounts accounts)
    {
        var main = new GuestApp
        {
            Name = MainName,
            Content = app,
            Folder = SystemPaths.App,
            Home = SystemPaths.AppHome,
            User = accounts.Add(config.User, SystemPaths.AppHome),
            WorkingDirectory = config.WorkingDirectory ?? SystemPaths.App,
            Environment = AppStart.Environment(SystemPaths.AppHome, config.HttpPort, config.Environment),
            Arguments = config.Arguments,
        };
        return [main, .. app.AddedApps.Select(Added)];

        GuestApp Added(AddedApp added)
        {
            var (folder, home) = (SystemPaths.AddedApp(added.Name), $"{SystemPaths.State}/{added.Name}");
            return new GuestApp
            {
                Name = added.Name,
                Content = added.Content,
                Folder = folder,
                Home = home,
                User = accounts.Add(added.Options.User ?? config.User, home),
                WorkingDirectory = added.Options.WorkingDirectory ?? folder,
                Environment = AppStart.Environment(home, added.Options.HttpPort, added.Options.Environment),
                Arguments = added.Options.Arguments,
            };
        }
    }

    /// <summary>The TCP ports that the apps listen on, as the settings say.</summary>
    public static IReadOnlyList<int> Ports(ApplianceConfig config, AppContent app) =>
        config.Ports.Count > 0 ? [.. config.Ports.Distinct()] : [.. app.AddedApps.Select(added => added.Options.HttpPort).OfType<int>().Prepend(config.HttpPort).Distinct()];
}
