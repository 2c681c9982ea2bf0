using Packer.Engine.Planning;

namespace Packer.Engine;

/// <summary>Tests a finished image before it takes the place of the one before.</summary>
internal interface IImageTest
{
    /// <summary>Returns when the image has passed.</summary>
    /// <param name="plan">The plan of the image, which says what is asked of it.</param>
    /// <param name="built">What the builder made, where it lies now.</param>
    /// <param name="context">The build.</param>
    /// <param name="token">Ends the test.</param>
    /// <exception cref="PackerException">The image did not pass, or it cannot be tested here.</exception>
    Task RunAsync(ImagePlan plan, ArtifactRecord built, BuildContext context, CancellationToken token);
}
