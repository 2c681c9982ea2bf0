using System.Text.Encodings.Web;
using System.Text.Json;

namespace Packer.Engine.Planning;

/// <summary>The form of the JSON files that are kept between builds.</summary>
internal static class PlanJson
{
    /// <summary>Indented, with <c>\n</c> on every system, and readable: the files are for programs and for bug reports, not for web pages.</summary>
    public static JsonWriterOptions Options { get; } = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
