using System.Text;
using Packer.Configuration;

namespace Packer.Steps.Http;

/// <summary>Texts by path.</summary>
internal sealed class MapContent(IReadOnlyDictionary<string, string> texts) : IHttpContent
{
    private readonly DateTime made = DateTime.UtcNow;
    private readonly Dictionary<string, byte[]> content = texts.ToDictionary(text => Normalize(text.Key), text => Encoding.UTF8.GetBytes(text.Value), StringComparer.Ordinal);

    /// <summary>The one way to write a path.</summary>
    public static string Normalize(string path) => Join(path.Split('/').Where(name => name.Length > 0 && name != "."));

    public HttpFinding Find(IReadOnlyList<string> names, bool isFolder)
    {
        var path = Join(names);
        if (content.TryGetValue(path, out var bytes)) return new HttpFinding { File = new HttpFile(names.LastOrDefault(""), bytes.Length, made, () => new MemoryStream(bytes, writable: false)) };
        var nearest = Suggestion.Nearest(path, content.Keys);
        return new HttpFinding { Reason = $"There is no '{path}' in HttpContent.{(nearest is null ? "" : $" Is '{nearest}' meant?")}" };
    }

    private static string Join(IEnumerable<string> names) => "/" + string.Join('/', names);
}
