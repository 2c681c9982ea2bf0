namespace Packer.Builders.Qemu;

/// <summary>The programs that a build runs. Looked for before an ISO is downloaded: what is missing is to be known at once.</summary>
internal static class QemuPrograms
{
    private const string SearchPath = "PATH";

    /// <summary>Checks that they are there.</summary>
    /// <param name="config">The settings.</param>
    /// <exception cref="PackerException">One is not.</exception>
    public static void Require(QemuConfig config)
    {
        Require(config.QemuBinary, "Install QEMU (qemu-system-x86 and qemu-utils on Debian and Ubuntu, qemu with Homebrew and on most other systems), or set 'QemuBinary' to its full path.");
        Require(QemuImg.Program, "It belongs to QEMU; install it (the package is called qemu-utils on Debian and Ubuntu, qemu-img on Fedora).");
        if (config.Vtpm) Require(StartTpmStep.Program, "Install it (the package is called swtpm on most systems), or remove 'Vtpm'.");
    }

    private static void Require(string program, string remedy)
    {
        if (Engine.ProgramFinder.Find(program, Environment.GetEnvironmentVariable(SearchPath)) is null)
            throw new PackerException(DiagnosticCodes.MachineDoesNotStart, $"There is no program '{program}' on this machine. {remedy}");
    }
}
