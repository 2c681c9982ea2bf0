namespace Packer.Steps;

/// <summary>Settings of what is typed at a machine's console when it starts; the same for all builders of virtual machines.</summary>
public sealed record BootConfig
{
    /// <summary>
    /// What is typed: text, and keys and waits in <c>&lt;</c> and <c>&gt;</c>. The elements are joined without anything between them. <c>{{ .HTTPIP }}</c>,
    /// <c>{{ .HTTPPort }}</c>, <c>{{ .Name }}</c> and <c>{{ .SSHPublicKey }}</c> are filled in.
    /// </summary>
    [RenderLate("HTTPIP", "HTTPPort", "Name", "SSHPublicKey")]
    public IReadOnlyList<string> BootCommand { get; init; } = [];

    /// <summary>
    /// As <see cref="BootCommand"/> in steps, as JSON: a list of lists of what is typed and a description that is said before it. Only one of the two can be set.
    /// </summary>
    [RenderLate("HTTPIP", "HTTPPort", "Name", "SSHPublicKey")]
    public IReadOnlyList<IReadOnlyList<string>> BootSteps { get; init; } = [];

    /// <summary>How long the machine has to come to the point where something can be typed. Default: <c>10s</c>.</summary>
    [NotPartOfImage]
    public TimeSpan BootWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time between two events of keys: a press is one, a release is one. Default: <c>100ms</c>, or what the environment variable <c>PACKER_KEY_INTERVAL</c> says.
    /// </summary>
    [NotPartOfImage]
    public TimeSpan? BootKeyInterval { get; init; }

    /// <summary>Time after each group of keys between two waits. Default: <c>0s</c>.</summary>
    [NotPartOfImage]
    public TimeSpan BootKeygroupInterval { get; init; }

    /// <summary>The keyboard that the guest believes to have: <c>us</c>, <c>de</c>, <c>fr</c>, <c>gb</c>, <c>es</c>, <c>it</c>, <c>se</c> or <c>ch</c>. Default: <c>us</c>.</summary>
    [ConfigChoice("us", "de", "fr", "gb", "es", "it", "se", "ch")]
    public string BootKeyboardLayout { get; init; } = "us";
}
