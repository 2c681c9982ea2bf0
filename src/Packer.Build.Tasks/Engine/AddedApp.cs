namespace Packer.Engine;

/// <summary>A program of another project that goes into an image beside its app: an item <c>PackerImageApp</c>.</summary>
/// <param name="Name">The name of the item.</param>
/// <param name="Content">Its publish output.</param>
/// <param name="Options">How it is started.</param>
internal sealed record AddedApp(string Name, AppContent Content, AppOptions Options);
