using System.Globalization;
using System.Net;

namespace Packer.Engine.Reports;

/// <summary>Texts of the page: escaped, and numbers as people read them.</summary>
internal static class ReportText
{
    private const string Units = "KMGT";

    /// <summary>Text for HTML, also inside of an attribute.</summary>
    public static string Html(string text) => WebUtility.HtmlEncode(PlainText.WithoutControlCharacters(text));

    /// <summary>A duration: <c>0.4 s</c>, <c>1 min 23 s</c>, <c>1 h 02 min</c>.</summary>
    public static string Duration(long milliseconds)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        if (time.TotalSeconds < 60) return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0##} s");
        return time.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:00} min");
    }

    /// <summary>A size: <c>512 B</c>, <c>12.3 MiB</c>.</summary>
    public static string Size(long bytes)
    {
        if (bytes < 1024) return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        var (value, unit) = (bytes / 1024d, 0);
        for (; value >= 1023.95 && unit < Units.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}iB");
    }

    /// <summary>A share of a whole: <c>12 %</c>.</summary>
    public static string Share(long part, long whole) => whole <= 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100d * part / whole:0.#} %");

    /// <summary>A number of a style, as <c>12.3456%</c>.</summary>
    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.####}%");

    /// <summary>A point in time, to the second, in UTC.</summary>
    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A kind or an outcome as a word: <c>not_started</c> is "not started".</summary>
    public static string Word(string name) => name.Replace('_', ' ');
}
