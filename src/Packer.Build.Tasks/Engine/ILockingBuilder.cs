namespace Packer.Engine;

/// <summary>A builder that chooses inputs by the present state of the world, such as packages of an archive, and that can be held to a choice by the lock file.</summary>
internal interface ILockingBuilder
{
    /// <summary>Chooses now. Called after <see cref="IBuilder.Prepare"/>.</summary>
    /// <param name="context">The image, and what is needed to look around.</param>
    /// <param name="token">Ends the work.</param>
    /// <returns>The choice as JSON, which <see cref="BuildContext.Lock"/> gives to later builds.</returns>
    /// <exception cref="PackerException">Nothing can be chosen.</exception>
    Task<string> ChooseAsync(LockContext context, CancellationToken token);
}

/// <summary>What a builder chooses with.</summary>
/// <param name="Image">Name of the image.</param>
/// <param name="App">The published app, or null where the image takes none.</param>
/// <param name="Cache">Files shared by all builds of the user.</param>
/// <param name="Ui">Is told what is done.</param>
internal sealed record LockContext(string Image, AppContent? App, ICache Cache, IUi Ui);
