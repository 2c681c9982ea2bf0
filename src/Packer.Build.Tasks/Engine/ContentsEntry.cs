namespace Packer;

/// <summary>A part of what an image contains, for the report of the build; see <see cref="ArtifactState.Contents"/>.</summary>
/// <param name="Group">What kind of part it is, like <c>packages</c>.</param>
/// <param name="Name">Its name, unique in the group, like <c>libc6</c>.</param>
/// <param name="Size">How many bytes of the image it takes.</param>
public sealed record ContentsEntry(string Group, string Name, long Size);
