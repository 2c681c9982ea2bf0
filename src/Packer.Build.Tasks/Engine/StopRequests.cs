namespace Packer.Engine;

/// <summary>How a person or a service asks a process to stop.</summary>
internal enum StopRequest
{
    /// <summary>SIGINT, Ctrl-C.</summary>
    Interrupt,

    /// <summary>SIGTERM or SIGHUP.</summary>
    Terminate,
}

/// <summary>
/// Tells a second request to stop from the first one's echo: a second Ctrl-C is one, and so is a SIGTERM after a Ctrl-C or the reverse, as CI services
/// stop a build; but <c>timeout</c> and shells send one SIGTERM or SIGHUP twice.
/// </summary>
internal sealed class StopRequests
{
    private readonly Lock gate = new();
    private bool interrupted;
    private bool terminated;

    /// <summary>Notes a request; true where it is not the first.</summary>
    public bool IsAnother(StopRequest request)
    {
        lock (gate)
        {
            if (request == StopRequest.Terminate)
            {
                terminated = true;
                return interrupted;
            }
            var another = interrupted || terminated;
            interrupted = true;
            return another;
        }
    }
}
