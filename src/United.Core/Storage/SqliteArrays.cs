using System.Globalization;
using System.Text;
using System.Text.Json;

namespace United.Core.Storage;

/// <summary>SQLite has no arrays: they travel as JSON, ids in hex.</summary>
internal static class SqliteArrays
{
    /// <summary>The text with <c>= any(@name)</c> put as SQLite understands it.</summary>
    public static string Rewrite(string text, (string Name, object? Value)[] values)
    {
        foreach (var (name, value) in values)
        {
            if (value is Guid[]) text = text.Replace($"= any(@{name})", $"in (select uuid_of(value) from json_each(@{name}))", StringComparison.Ordinal);
            else if (value is long[] or int[] or string[]) text = text.Replace($"= any(@{name})", $"in (select value from json_each(@{name}))", StringComparison.Ordinal);
        }
        return text;
    }

    /// <returns>Null for what is no array.</returns>
    public static string? Json(object value) => value switch
    {
        Guid[] ids => Json(ids, static (json, id) => json.Append('"').Append(id.ToString("N")).Append('"')),
        long[] numbers => Json(numbers, static (json, n) => json.Append(CultureInfo.InvariantCulture, $"{n}")),
        int[] numbers => Json(numbers, static (json, n) => json.Append(CultureInfo.InvariantCulture, $"{n}")),
        string[] texts => Json(texts, static (json, text) => json.Append('"').Append(JsonEncodedText.Encode(text)).Append('"')),
        _ => null,
    };

    private static string Json<T>(T[] items, Func<StringBuilder, T, StringBuilder> append)
    {
        var json = new StringBuilder("[");
        foreach (var item in items) append(json.Length > 1 ? json.Append(',') : json, item);
        return json.Append(']').ToString();
    }
}
