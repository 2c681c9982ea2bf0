using Packer.Imaging;
using Packer.Imaging.Pictures;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>What a builder asks of a running machine, in QEMU's commands (QEMU QMP Reference Manual).</summary>
internal static class QmpMachine
{
    private static readonly Version FirstWithPng = new(7, 1);

    extension(QmpClient client)
    {
        /// <summary>Presses the machine's power button. The guest shuts down if it listens to it; the event <c>SHUTDOWN</c> says when.</summary>
        public Task PowerDownAsync(CancellationToken token) => client.ExecuteAsync("system_powerdown", null, token);

        /// <summary>Lets a machine run that was started paused (<c>-S</c>) or has been stopped.</summary>
        public Task ContinueAsync(CancellationToken token) => client.ExecuteAsync("cont", null, token);

        /// <summary>Stops the guest's processors; its disks are flushed.</summary>
        public Task PauseAsync(CancellationToken token) => client.ExecuteAsync("stop", null, token);

        /// <summary>Ends QEMU at once; its disks are flushed, the guest is not asked. Returns when QEMU has closed its socket. Fine when it is gone already.</summary>
        public async Task QuitAsync(CancellationToken token)
        {
            try
            {
                await client.ExecuteAsync("quit", null, token);
            }
            catch (PackerException exception) when (exception.Code == DiagnosticCodes.MachineConnectionLost)
            {
                // It may go before it answers.
            }
            await client.Completion.WaitAsync(token);
        }

        /// <summary>The machine's state (qapi/run-state.json, RunState): <c>running</c>, <c>paused</c>, <c>internal-error</c>, <c>io-error</c>…</summary>
        public async Task<string> QueryStatusAsync(CancellationToken token) =>
            (await client.ExecuteAsync("query-status", null, token)).GetProperty("status").GetString() ?? "";

        /// <summary>Sets the password of the VNC server, which must have been started with <c>password=on</c>. VNC uses eight characters of it.</summary>
        public Task SetVncPasswordAsync(string password, CancellationToken token) => client.ExecuteAsync("change-vnc-password", new { password }, token);

        /// <summary>Writes what the screen shows to a PNG file.</summary>
        /// <param name="path">Full path; an old file is replaced. QEMU itself writes there from version 7.1 on.</param>
        /// <param name="token">Gives up waiting.</param>
        /// <exception cref="PackerException">QEMU refuses, as when the machine has no screen, or is gone.</exception>
        public async Task ScreenDumpAsync(string path, CancellationToken token)
        {
            if (client.Version >= FirstWithPng)
            {
                await client.ExecuteAsync("screendump", new { filename = path, format = "png" }, token);
                return;
            }
            var picture = await client.CaptureAsync(path + ".ppm", token);
            await using var file = System.IO.File.Create(path);
            PngWriter.Write(picture, file);
        }

        /// <summary>Takes a picture of what the screen shows.</summary>
        /// <param name="temporaryFile">Full path of a file to use on the way; it is deleted.</param>
        /// <param name="token">Gives up waiting.</param>
        /// <exception cref="PackerException">QEMU refuses, as when the machine has no screen, or is gone.</exception>
        public async Task<Picture> CaptureAsync(string temporaryFile, CancellationToken token)
        {
            try
            {
                // Every version writes PPM, and it takes less time than PNG.
                await client.ExecuteAsync("screendump", new { filename = temporaryFile }, token);
                return PpmReader.Read(await System.IO.File.ReadAllBytesAsync(temporaryFile, token));
            }
            catch (ImagingException exception)
            {
                throw new PackerException(DiagnosticCodes.MachineCommandFailed, $"The picture that QEMU took of the screen cannot be read: {exception.Message}", exception);
            }
            finally
            {
                System.IO.File.Delete(temporaryFile);
            }
        }

        /// <summary>Saves memory and disks of the machine under a name. All its writable disks must be qcow2.</summary>
        /// <exception cref="PackerException">It cannot be saved, or QEMU is gone.</exception>
        public Task SaveSnapshotAsync(string name, CancellationToken token) => client.MonitorAsync("savevm", name, token);

        /// <summary>Brings the machine back to what was saved under a name.</summary>
        /// <exception cref="PackerException">There is no such snapshot, or QEMU is gone.</exception>
        public Task LoadSnapshotAsync(string name, CancellationToken token) => client.MonitorAsync("loadvm", name, token);

        /// <summary>Deletes what was saved under a name.</summary>
        /// <exception cref="PackerException">It cannot be deleted, or QEMU is gone.</exception>
        public Task DeleteSnapshotAsync(string name, CancellationToken token) => client.MonitorAsync("delvm", name, token);

        /// <summary>Runs a command for people that every version has, where those for programs are new or many; it is silent when it succeeds.</summary>
        private async Task MonitorAsync(string verb, string name, CancellationToken token)
        {
            if (name.Length == 0 || name.Any(character => !(char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')))
            {
                throw new ArgumentException($"'{name}' is no name for a snapshot: letters, digits, '-', '_' and '.' are allowed.", nameof(name));
            }
            var arguments = new Dictionary<string, string> { ["command-line"] = $"{verb} {name}" };
            var output = (await client.ExecuteAsync("human-monitor-command", arguments, token)).GetString()?.Trim() ?? "";
            if (output.Length > 0) throw new QmpException("GenericError", verb, output);
        }
    }
}
