using System.Globalization;

namespace Packer.Steps.Http;

/// <summary>Finds the answer to a request (RFC 9110): files whole or in part by GET and HEAD, and nothing else.</summary>
internal sealed class HttpResponder(IHttpContent content)
{
    public HttpResponse Answer(HttpRequest request)
    {
        if (request.Method is not ("GET" or "HEAD")) return HttpResponse.Text(405, "Method Not Allowed", "Only GET and HEAD are answered.").Add("Allow", "GET, HEAD");
        if (!request.TryGetPath(out var names, out var isFolder)) return HttpResponse.Text(400, "Bad Request", "The path is malformed or has '..' in it.");
        var finding = content.Find(names, isFolder);
        if (finding.IsFolder) return HttpResponse.Text(301, "Moved Permanently", "It is a folder.").Add("Location", string.Concat(names.Select(name => "/" + Uri.EscapeDataString(name))) + "/");
        return finding.File is { } file ? Send(file, request) : HttpResponse.Text(404, "Not Found", finding.Reason);
    }

    private static HttpResponse Send(HttpFile file, HttpRequest request)
    {
        Stream body;
        try
        {
            body = file.Open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return HttpResponse.Text(403, "Forbidden", $"'{file.Name}' cannot be read: {exception.Message}");
        }
        ByteRange part = default;
        var isPart = request.Method == "GET" && request.Headers.TryGetValue("Range", out var range) && IsCurrent(file, request) ? ByteRange.TryParse(range, file.Length, out part) : null;
        HttpResponse response;
        if (isPart == false)
        {
            body.Dispose();
            response = HttpResponse.Text(416, "Range Not Satisfiable", "The file is shorter.").Add("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}"));
        }
        else if (isPart == true)
        {
            response = new HttpResponse(206, "Partial Content").WithBody(body, part.Start, part.Length)
                .Add("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {part.Start}-{part.Start + part.Length - 1}/{file.Length}")).Add("Content-Type", file.ContentType);
        }
        else
        {
            response = new HttpResponse(200, "OK").WithBody(body, 0, file.Length).Add("Content-Type", file.ContentType);
        }
        return response.Add("Accept-Ranges", "bytes").Add("ETag", file.EntityTag).Add("Last-Modified", LastModified(file));
    }

    /// <summary>A client that resumes says what it began with; where that has changed it gets the whole file (RFC 9110, section 13.1.5).</summary>
    private static bool IsCurrent(HttpFile file, HttpRequest request) =>
        !request.Headers.TryGetValue("If-Range", out var condition) || condition == file.EntityTag || condition == LastModified(file);

    private static string LastModified(HttpFile file) => file.Modified.ToString("R", CultureInfo.InvariantCulture);
}
