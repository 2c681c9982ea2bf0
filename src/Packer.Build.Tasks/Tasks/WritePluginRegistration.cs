using Microsoft.Build.Framework;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.Engine.Plugins;

namespace Packer.Tasks;

/// <summary>Writes the files by which a plugin's package registers its components, when the package is packed.</summary>
[MSBuildMultiThreadableTask]
public sealed class WritePluginRegistration : CancelableTask
{
    /// <summary>Full path of the plugin's assembly.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <summary>Path of the assembly inside the package, from the folder of the props file.</summary>
    [Required]
    public string PackagePath { get; set; } = "";

    /// <summary>Id of the package.</summary>
    [Required]
    public string PackageId { get; set; } = "";

    /// <summary>Full path of the props file to write.</summary>
    [Required]
    public string PropsFile { get; set; } = "";

    /// <summary>Full path of the targets file to write.</summary>
    [Required]
    public string TargetsFile { get; set; } = "";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        using var registry = new ComponentRegistry([(Assembly, null)]);
        foreach (var diagnostic in registry.Diagnostics) DiagnosticLog.Write(Log, diagnostic);
        var components = registry.All.Where(component => component.AssemblyPath is not null).ToList();
        if (Log.HasLoggedErrors) return false;
        var props = $"<Project>\n  <ItemGroup>\n    <PackerPlugin Include=\"$(MSBuildThisFileDirectory){PackagePath}\" />\n  </ItemGroup>\n</Project>\n";
        var target = "_PackerCollectPropertiesOf" + string.Concat(PackageId.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_'));
        await WriteAsync(PropsFile, props, token).ConfigureAwait(false);
        await WriteAsync(TargetsFile, ComponentKeys.CollectingTarget(ComponentKeys.PropertyNames(components), target, "PlanPackerImages"), token).ConfigureAwait(false);
        return true;
    }

    /// <summary>Leaves a file that says the same: by its time NuGet would take the package for stale and pack it again.</summary>
    private static async Task WriteAsync(string path, string text, CancellationToken token)
    {
        if (File.Exists(path) && await File.ReadAllTextAsync(path, token).ConfigureAwait(false) == text) return;
        await AtomicFile.WriteAsync(path, text, token).ConfigureAwait(false);
    }
}
