namespace Packer.Engine.Reports;

/// <summary>What a step of the time line is.</summary>
internal static class StepKinds
{
    /// <summary>What is done for every image: waiting, checking, moving into place.</summary>
    public const string Engine = "engine";

    /// <summary>A builder, where none of its steps runs.</summary>
    public const string Builder = "builder";

    /// <summary>A step of a builder.</summary>
    public const string Step = "step";

    /// <summary>A provisioner.</summary>
    public const string Provisioner = "provisioner";

    /// <summary>What undoes a step.</summary>
    public const string CleanUp = "clean_up";

    /// <summary>The test of a finished image.</summary>
    public const string Test = "test";

    /// <summary>A post-processor.</summary>
    public const string PostProcessor = "post_processor";

    /// <summary>Whether it is listed although it took no time that could be measured.</summary>
    public static bool IsAlwaysListed(string kind) => kind is Step or Provisioner or Test or PostProcessor;
}
