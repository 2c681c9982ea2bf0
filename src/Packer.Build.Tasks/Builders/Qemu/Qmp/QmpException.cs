namespace Packer.Builders.Qemu.Qmp;

/// <summary>QEMU refused a command.</summary>
/// <param name="errorClass">QEMU's class of the error (qapi/error.json, QapiErrorClass), such as <c>GenericError</c> or <c>CommandNotFound</c>.</param>
/// <param name="command">The command.</param>
/// <param name="reason">What QEMU says.</param>
internal sealed class QmpException(string errorClass, string command, string reason)
    : PackerException(DiagnosticCodes.MachineCommandFailed, $"QEMU refused the command '{command}': {reason.TrimEnd('.')} ({errorClass}).")
{
    /// <summary>QEMU's class of the error.</summary>
    public string ErrorClass { get; } = errorClass;
}
