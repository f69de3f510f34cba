using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace United.Server.Hosting.Metrics;

/// <summary>Names and labels as Prometheus writes them: text format 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary><c>http.server.request.duration</c> in seconds is <c>http_server_request_duration_seconds</c>.</summary>
    public static string Name(Instrument instrument, SeriesKind kind)
    {
        var name = Plain(instrument.Name);
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return kind == SeriesKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    public static string Kind(SeriesKind kind) => kind switch
    {
        SeriesKind.Counter => "counter",
        SeriesKind.Gauge => "gauge",
        _ => "histogram",
    };

    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(Plain(name)).Append("=\"").Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }
        return text.ToString();
    }

    public static string Braced(string labels) => labels.Length > 0 ? $"{{{labels}}}" : "";

    private static string Plain(string name) => string.Create(name.Length, name, static (plain, name) =>
    {
        for (var i = 0; i < name.Length; i++) plain[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '_';
    });

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
