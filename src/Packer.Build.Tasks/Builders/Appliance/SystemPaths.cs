namespace Packer.Builders.Appliance;

/// <summary>Paths and numbers that several parts of the root file system have to agree on.</summary>
internal static class SystemPaths
{
    public const string BusyBox = "/usr/bin/busybox";

    /// <summary>The scripts of the image.</summary>
    public const string Scripts = "/usr/lib/packer";

    /// <summary>The published app; it belongs to root and is not written at run time.</summary>
    public const string App = "/app";

    /// <summary>Where the app may write: its home folder.</summary>
    public const string AppHome = State + "/app";

    /// <summary>The folder of an app of another project.</summary>
    public static string AddedApp(string name) => "/opt/" + name;

    /// <summary>Where the data partition is mounted.</summary>
    public const string Data = "/data";

    /// <summary>Below it lies what each app may write, in a folder of its name.</summary>
    public const string State = "/var/lib";
}
