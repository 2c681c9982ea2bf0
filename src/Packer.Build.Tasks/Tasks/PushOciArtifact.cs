using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.PostProcessors.Oci;

namespace Packer.Tasks;

/// <summary>
/// Pushes files to a registry as an artifact, as the post-processor <c>oci</c> does, for targets of a project. A tag leads to the new artifact when that is whole.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PushOciArtifact : FileTask
{
    /// <summary>Where to push to: the registry, with its port where it has one, and the repository, like <c>registry.example.com:5000/images/web</c>. No tag.</summary>
    [Required]
    public string Repository { get; set; } = "";

    /// <summary>The tags that the artifact gets, separated by <c>;</c>; a tag that is there moves. Default: <c>latest</c>.</summary>
    public string[] Tags { get; set; } = ["latest"];

    /// <summary>What kind of artifact it is, as a media type. Default: <c>application/vnd.packer.image.v1</c>.</summary>
    public string ArtifactType { get; set; } = new OciConfig().ArtifactType;

    /// <summary>The media type of each file. Default: <c>application/octet-stream</c>.</summary>
    public string MediaType { get; set; } = new OciConfig().MediaType;

    /// <summary>Annotations of the manifest, <c>name=value</c>, separated by <c>;</c>.</summary>
    public string[] Annotations { get; set; } = [];

    /// <summary>The user to log in as. Default: nobody.</summary>
    public string Username { get; set; } = "";

    /// <summary>The user's password or access token: <c>env:NAME</c>, <c>file:PATH</c>, or the text itself.</summary>
    public string Password { get; set; } = "";

    /// <summary>Whether to talk HTTP without TLS, for a registry on this machine. Default: false.</summary>
    public bool PlainHttp { get; set; }

    /// <summary>The digest of the artifact, by which it is fetched whatever the tags lead to.</summary>
    [Output]
    public string Digest { get; set; } = "";

    private protected override async Task RunAsync(CancellationToken token)
    {
        if (Annotations.FirstOrDefault(annotation => annotation.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
            throw new PackerException(DiagnosticCodes.WrongValue, $"'{nameof(Annotations)}' holds '{wrong}', which is not of the form name=value. Correct it.");
        var config = new OciConfig
        {
            Repository = Repository,
            Tags = Tags,
            ArtifactType = ArtifactType,
            MediaType = MediaType,
            Annotations = Annotations.Select(annotation => annotation.Split('=', 2)).GroupBy(parts => parts[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.Ordinal),
            Username = Username.Length > 0 ? Username : null,
            Password = Password.Length > 0 ? Secret.Parse(Password, Path.GetDirectoryName(BuildEngine.ProjectFileOfTaskNode)) : null,
            PlainHttp = PlainHttp,
        };
        foreach (var (code, _, message) in OciPush.Check(config)) throw new PackerException(code, message);
        Digest = await new OciPush(config, text => Log.LogMessage(MessageImportance.High, "{0}", text), text => Log.LogMessage(MessageImportance.Normal, "{0}", text)).RunAsync(Paths, token).ConfigureAwait(false);
        Log.LogMessage(MessageImportance.Normal, "{0}", $"Pushed {Repository}@{Digest}.");
    }
}
