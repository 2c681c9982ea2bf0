namespace Packer.Engine.Checkpoints;

/// <summary>What became of a checkpoint that was to be published.</summary>
/// <param name="Fits">False where it takes too much room by itself, so that it was deleted again.</param>
/// <param name="Own">
/// The checkpoint, in use until it is disposed; null where it is not there, or another build's is there under the same key, whose files are not the same.
/// </param>
internal sealed record PublishedCheckpoint(bool Fits, Checkpoint? Own);
