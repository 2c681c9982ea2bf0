using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Packer.Steps.Http;

namespace Packer.Steps;

/// <summary>Serves the files of <see cref="HttpConfig"/> until its clean-up, where there are any.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="defaultAddress">Where to listen unless the settings say it: the narrowest address that the machine reaches.</param>
/// <param name="guestAddress">The address under which the machine reaches this one; null for the one that the server listens at.</param>
internal sealed class HttpServerStep(HttpConfig config, BuildContext context, IPAddress defaultAddress, string? guestAddress = null) : IStep
{
    private HttpServer? server;
    private IPAddress? listening;

    public string Name => "Start the HTTP server";

    /// <summary>The port; 0 before the step has run, and where nothing is to be served.</summary>
    public int Port { get; private set; }

    /// <summary>The address under which the machine reaches the server.</summary>
    public string Ip => guestAddress ?? (listening ?? defaultAddress).ToString();

    /// <summary><c>address:port</c>, with brackets around an address of version 6.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"{(Ip.Contains(':', StringComparison.Ordinal) ? $"[{Ip}]" : Ip)}:{Port}");

    /// <summary>What <c>{{ .HTTPIP }}</c> and <c>{{ .HTTPPort }}</c> give in a boot command.</summary>
    public IReadOnlyDictionary<string, string> TemplateFields => new Dictionary<string, string> { ["HTTPIP"] = Ip, ["HTTPPort"] = Port.ToString(CultureInfo.InvariantCulture) };

    /// <summary>What provisioners are given; nothing where there is no server.</summary>
    public IReadOnlyDictionary<string, object?> ProvisionData => Port == 0 ? new Dictionary<string, object?>()
        : new Dictionary<string, object?> { ["PackerHTTPIP"] = Ip, ["PackerHTTPPort"] = Port.ToString(CultureInfo.InvariantCulture), ["PackerHTTPAddr"] = Endpoint };

    /// <summary>Checks what attributes cannot say.</summary>
    public static void Validate(HttpConfig config, ConfigValidation validation)
    {
        if (config.HttpDirectory is not null && config.HttpContent.Count > 0)
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(HttpConfig.HttpContent), "both 'HttpDirectory' and 'HttpContent' are set. Keep one of them.");
        foreach (var path in config.HttpContent.Keys.Where(path => !path.StartsWith('/') || path.Split('/').Contains("..", StringComparer.Ordinal)))
            validation.Error(DiagnosticCodes.WrongValue, nameof(HttpConfig.HttpContent), $"the path '{path}' of 'HttpContent' must begin with '/' and have no '..'. Write it as '/{path.TrimStart('.', '/')}'.");
        foreach (var clash in config.HttpContent.Keys.GroupBy(MapContent.Normalize, StringComparer.Ordinal).Where(group => group.Count() > 1))
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(HttpConfig.HttpContent), $"'HttpContent' has the path '{clash.Key}' more than once. Keep one of them.");
        if (config.HttpPortMin > config.HttpPortMax)
            validation.Error(DiagnosticCodes.WrongValue, nameof(HttpConfig.HttpPortMin), string.Create(CultureInfo.InvariantCulture, $"'HttpPortMin' is {config.HttpPortMin}, which is more than 'HttpPortMax', {config.HttpPortMax}. Swap them, or change one."));
        if (config is { HttpBindAddress: not null, HttpInterface: not null })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(HttpConfig.HttpInterface), "both 'HttpBindAddress' and 'HttpInterface' are set. Keep one of them.");
        if (config.HttpBindAddress is not { } text) return;
        if (!IPAddress.TryParse(text, out var address))
            validation.Error(DiagnosticCodes.WrongValue, nameof(HttpConfig.HttpBindAddress), $"'HttpBindAddress' is '{text}', which is no IP address. Write one such as '127.0.0.1' or '0.0.0.0'.");
        else if (!Fits(address, config.HttpNetworkProtocol))
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(HttpConfig.HttpBindAddress), $"'HttpBindAddress' is '{text}', which does not fit 'HttpNetworkProtocol'. Change one of them.");
    }

    public Task RunAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        IHttpContent content;
        if (config.HttpDirectory is { } directory) content = new DirectoryContent(directory);
        else if (config.HttpContent.Count > 0) content = new MapContent(config.HttpContent);
        else return Task.CompletedTask;
        listening = ChooseAddress();
        server = new HttpServer(PortRange.Listen(listening, config.HttpPortMin, config.HttpPortMax, config.HttpNetworkProtocol == HttpNetworkProtocol.Tcp6), content, context.Ui);
        Port = server.EndPoint.Port;
        context.Ui.Say(string.Create(CultureInfo.InvariantCulture, $"Starting HTTP server on port {Port}"));
        return Task.CompletedTask;
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
        server = null;
        Port = 0;
    }

    private static bool Fits(IPAddress address, HttpNetworkProtocol protocol) => protocol switch
    {
        HttpNetworkProtocol.Tcp4 => address.AddressFamily == AddressFamily.InterNetwork,
        HttpNetworkProtocol.Tcp6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };

    private IPAddress ChooseAddress()
    {
        if (config.HttpBindAddress is { } text) return IPAddress.Parse(text);
        if (config.HttpInterface is { } name) return AddressOf(name);
        if (Fits(defaultAddress, config.HttpNetworkProtocol)) return defaultAddress;
        var isVersion6 = config.HttpNetworkProtocol == HttpNetworkProtocol.Tcp6;
        if (IPAddress.IsLoopback(defaultAddress)) return isVersion6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        return isVersion6 ? IPAddress.IPv6Any : IPAddress.Any;
    }

    private IPAddress AddressOf(string name)
    {
        var interfaces = NetworkInterface.GetAllNetworkInterfaces();
        var found = interfaces.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new PackerException(DiagnosticCodes.HttpAddressNotUsable, $"This machine has no network interface '{name}'. Set 'HttpInterface' to one of {string.Join(", ", interfaces.Select(candidate => candidate.Name))}.");
        var addresses = found.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address).Where(address => Fits(address, config.HttpNetworkProtocol));
        return addresses.OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault()
            ?? throw new PackerException(DiagnosticCodes.HttpAddressNotUsable, $"The network interface '{name}' has no address for the HTTP server. Set 'HttpInterface' or 'HttpNetworkProtocol' to another value.");
    }
}
