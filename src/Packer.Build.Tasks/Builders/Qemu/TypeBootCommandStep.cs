using System.Globalization;
using Packer.Builders.Qemu.Qmp;
using Packer.Configuration;
using Packer.Steps;
using Packer.Steps.BootCommands;
using Packer.Steps.Consoles;
using Packer.Steps.Keyboards;

namespace Packer.Builders.Qemu;

/// <summary>Types the boot command at the machine's console.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="machine">Gives the running machine.</param>
/// <param name="serialLog">Full path of the file that QEMU writes the serial console to.</param>
/// <param name="fields">Gives the values of <c>{{ .HTTPIP }}</c> and the rest.</param>
internal sealed class TypeBootCommandStep(BootConfig config, BuildContext context, Func<QemuMachine> machine, string serialLog, Func<IReadOnlyDictionary<string, string>> fields) : IStep
{
    private const string IntervalVariable = "PACKER_KEY_INTERVAL";

    public string Name => "Type the boot command";

    public async Task RunAsync(CancellationToken token)
    {
        var steps = BootRules.Steps(config).ToList();
        if (steps.Count == 0) return;
        if (config.BootWait > TimeSpan.Zero)
        {
            context.Ui.Say($"Waiting {DurationFormat.Format(config.BootWait)} for the machine to boot");
            await Task.Delay(config.BootWait, token).ConfigureAwait(false);
        }
        var qmp = machine().Qmp;
        await using var serial = SerialLog.FromFile(serialLog);
        var console = new BootConsole(new QmpKeyboard(qmp))
        {
            Layout = KeyboardLayouts.Find(config.BootKeyboardLayout) ?? KeyboardLayouts.Us,
            Serial = serial,
            Screen = new QmpScreen(qmp, context.TemporaryDirectory),
            PictureDirectory = context.ProjectDirectory,
        };
        var typer = new BootCommandTyper(console, new BootTiming(Interval(), config.BootKeygroupInterval), context.Ui.Message, TimeProvider.System);
        foreach (var (text, description) in steps)
        {
            context.Ui.Say(description ?? "Typing the boot command");
            await typer.TypeAsync(BootCommandParser.Parse(context.Render(text, fields())), token).ConfigureAwait(false);
        }
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private TimeSpan Interval()
    {
        if (config.BootKeyInterval is { } given) return given;
        var text = Environment.GetEnvironmentVariable(IntervalVariable);
        if (string.IsNullOrEmpty(text)) return BootTiming.Default.KeyInterval;
        return DurationFormat.TryParse(text, out var interval) && interval >= TimeSpan.Zero ? interval : throw new PackerException(DiagnosticCodes.WrongValue,
            string.Create(CultureInfo.InvariantCulture, $"The environment variable {IntervalVariable} is '{text}'. Set it to a time such as 50ms, or remove it."));
    }
}
