using System.Globalization;
using Packer.Engine.Planning;

namespace Packer.Engine;

/// <summary>Writes the machine-readable records of an artifact, as Packer's <c>build -machine-readable</c> does.</summary>
internal static class ArtifactRecords
{
    public static void Write(IUi ui, int index, ArtifactRecord artifact)
    {
        var number = index.ToString(CultureInfo.InvariantCulture);
        ui.Machine("artifact", number, "builder-id", artifact.BuilderId);
        ui.Machine("artifact", number, "id", artifact.Id);
        ui.Machine("artifact", number, "string", artifact.Text);
        ui.Machine("artifact", number, "files-count", artifact.Files.Count.ToString(CultureInfo.InvariantCulture));
        for (var file = 0; file < artifact.Files.Count; file++)
            ui.Machine("artifact", number, "file", file.ToString(CultureInfo.InvariantCulture), artifact.Files[file].Path);
        ui.Machine("artifact", number, "end");
    }
}
