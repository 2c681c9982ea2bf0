namespace Packer.Builders.Qemu;

/// <summary>What the machine is made of, known when all has been prepared: with the settings it gives the command line.</summary>
internal sealed record MachinePlan
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>The type of the machine.</summary>
    public required string MachineType { get; init; }

    /// <summary>What runs the guest's instructions.</summary>
    public string Accelerator { get; init; } = "tcg";

    /// <summary>Full paths of the disks, in order.</summary>
    public required IReadOnlyList<string> Disks { get; init; }

    /// <summary>Format of the disks.</summary>
    public string DiskFormat { get; init; } = "qcow2";

    /// <summary>Full paths or addresses of the CDs, in order; the first one is booted where the disks cannot be.</summary>
    public required IReadOnlyList<string> Cds { get; init; }

    /// <summary>Full path of the floppy, or null.</summary>
    public string? Floppy { get; init; }

    /// <summary>The UEFI firmware, with the machine's own variables, or null.</summary>
    public Firmware? Firmware { get; init; }

    /// <summary>Path of the socket of the emulated TPM, or null.</summary>
    public string? TpmSocket { get; init; }

    /// <summary>Port of 127.0.0.1 that leads to the guest, or null.</summary>
    public int? HostPort { get; init; }

    /// <summary>Port of the guest that <see cref="HostPort"/> leads to.</summary>
    public int GuestPort { get; init; }

    /// <summary>Port for VNC, or null where there is none.</summary>
    public int? VncPort { get; init; }

    /// <summary>Address of the network card, or null for QEMU's own choice.</summary>
    public string? HardwareAddress { get; init; }

    /// <summary>Value of <c>-qmp</c>.</summary>
    public string Qmp { get; init; } = "";

    /// <summary>Full path of the control socket for other programs, or null.</summary>
    public string? QmpForOthers { get; init; }

    /// <summary>Full path of the file that gets what the guest writes to its first serial port.</summary>
    public required string SerialLog { get; init; }

    /// <summary>Whether a window can be shown.</summary>
    public bool HasDisplay { get; init; }
}
