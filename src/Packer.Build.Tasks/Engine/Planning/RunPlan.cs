using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>A TCP port of an image and where it is reached.</summary>
/// <param name="Host">Port of this machine; 0 for a free one.</param>
/// <param name="Guest">Port of the image.</param>
internal sealed record PortForward(int Host, int Guest)
{
    /// <summary>Reads <c>8080</c> or <c>8000:8080</c>; null where it is neither.</summary>
    public static PortForward? TryParse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is 0 or > 2 || ParsePort(parts[^1]) is not { } guest) return null;
        if (parts.Length == 1) return new PortForward(0, guest);
        return ParsePort(parts[0]) is { } host ? new PortForward(host, guest) : null;
    }

    /// <summary>Reads a port from 1 to 65535; null where it is none.</summary>
    public static int? ParsePort(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Guest}");
}

/// <summary>What a finished image must answer.</summary>
/// <param name="Port">Port of the image.</param>
/// <param name="Path">Path with its slash, and a query where there is one.</param>
/// <param name="Timeout">How long the answer may take on a machine with an accelerator.</param>
internal sealed record HttpTest(int Port, string Path, TimeSpan Timeout)
{
    /// <summary>Reads <c>/health</c> or <c>9000/health</c>; null where it is neither.</summary>
    public static HttpTest? TryParse(string text, int defaultPort, TimeSpan timeout)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Uri.TryCreate("http://127.0.0.1" + text[slash..], UriKind.Absolute, out _)) return null;
        if (slash == 0) return new HttpTest(defaultPort, text, timeout);
        return PortForward.ParsePort(text[..slash]) is { } port ? new HttpTest(port, text[slash..], timeout) : null;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Port}{Path}");
}

/// <summary>How an image is started once it is built. Nothing of it is part of the image.</summary>
internal sealed record RunPlan
{
    public const string Bios = "bios";
    public const string Uefi = "uefi";

    /// <summary>What an app listens on where nothing else is said.</summary>
    public const int DefaultPort = 8080;

    /// <summary>Raised when a test begins to ask for something else; every image with one is then tested once more.</summary>
    private const string TestSchema = "packer test 1";

    public IReadOnlyList<PortForward> Ports { get; init; } = [new(0, DefaultPort)];

    /// <summary>In MiB; null where the project says nothing.</summary>
    public int? Memory { get; init; }

    /// <summary><see cref="Bios"/>, <see cref="Uefi"/>, or null where the project says nothing.</summary>
    public string? Firmware { get; init; }

    public string? Accelerator { get; init; }

    /// <summary>What is asked of the finished image, or null.</summary>
    public HttpTest? Test { get; init; }

    /// <summary>What a passed test stands for, or null where there is none. How long it may take is no part of it: what has passed has passed.</summary>
    public string? TestIdentity => Test is null ? null : string.Create(CultureInfo.InvariantCulture, $"{TestSchema} {Test} {Memory} {Firmware}");

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("ports");
        foreach (var port in Ports) writer.WriteStringValue(port.ToString());
        writer.WriteEndArray();
        if (Memory is { } memory) writer.WriteNumber("memory", memory);
        if (Firmware is not null) writer.WriteString("firmware", Firmware);
        if (Accelerator is not null) writer.WriteString("accelerator", Accelerator);
        if (Test is not null)
        {
            writer.WriteString("test_http", Test.ToString());
            writer.WriteNumber("test_timeout_milliseconds", (long)Test.Timeout.TotalMilliseconds);
        }
        writer.WriteEndObject();
    }

    /// <exception cref="FormatException">The JSON is not of this form.</exception>
    public static RunPlan Read(JsonNode json) => new()
    {
        Ports = [.. json["ports"]!.AsArray().Select(port => Port((string)port!))],
        Memory = (int?)json["memory"],
        Firmware = (string?)json["firmware"],
        Accelerator = (string?)json["accelerator"],
        Test = (string?)json["test_http"] is { } test ? HttpTest.TryParse(test, DefaultPort, TimeSpan.FromMilliseconds((long)json["test_timeout_milliseconds"]!)) : null,
    };

    private static PortForward Port(string text)
    {
        var parts = text.Split(':');
        return new PortForward(int.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
