using System.Text.Json;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>Something that QEMU reports of its own accord (QEMU QMP Reference Manual, "Events").</summary>
/// <param name="Name">Its name, such as <c>SHUTDOWN</c>.</param>
/// <param name="Data">What it says about itself; of kind Undefined where it says nothing.</param>
internal sealed record QmpEvent(string Name, JsonElement Data);
