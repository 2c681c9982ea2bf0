using System.Collections.Concurrent;
using Packer.Communicators;
using Packer.Communicators.WinRm;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>A communicator with what it needs, for tests.</summary>
internal sealed class WinRmTestConnection : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public WinRmTestConnection(CommunicatorConfig config, WinRmTimes? times = null)
    {
        times ??= new WinRmTimes();
        Connector = new WinRmConnector(config, _ => Task.FromResult<MachineAddress?>(config.Host is null ? null : new MachineAddress(config.Host, config.Port)), Said.Enqueue, times);
        Communicator = new WinRmCommunicator(Connector, times, folder["temporary"]);
    }

    public WinRmConnector Connector { get; }

    public WinRmCommunicator Communicator { get; }

    /// <summary>What it has said while it waited.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    /// <summary>Runs a command; gives its status and the lines of both outputs.</summary>
    public async Task<(int Status, List<string> Output, List<string> Error)> RunAsync(string command, CancellationToken token, Stream? input = null)
    {
        var output = new List<string>();
        var error = new List<string>();
        var status = await Communicator.RunAsync(new RemoteCommand(command) { Input = input, Output = output.Add, Error = error.Add }, token);
        return (status, output, error);
    }

    public void Dispose()
    {
        Communicator.Dispose();
        folder.Dispose();
    }
}
