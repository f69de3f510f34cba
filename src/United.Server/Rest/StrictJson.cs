using System.Text.Json;
using System.Text.Unicode;
using United.Core;

namespace United.Server.Rest;

/// <summary>
/// What the deserializer lets pass: names given twice where the route does not know them, half surrogate pairs, numbers
/// beyond any type. One pass over the bytes, before anything is built from them.
/// </summary>
internal static class StrictJson
{
    /// <returns>The names of the outermost object.</returns>
    public static Result<HashSet<string>> Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return new Refusal(Fault.Malformed, Reason: "The body is not UTF-8.");
        var open = new Stack<HashSet<string>?>();
        var outermost = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RestJson.MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Refusal.Invalid("", "must be an object");
            open.Push(outermost);
            var name = "";
            while (reader.Read())
            {
                if (Wrong(ref reader, open, ref name) is { } reason) return Refusal.Invalid(name, reason);
            }
        }
        catch (JsonException)
        {
            return new Refusal(Fault.Malformed, Reason: $"The body is not JSON, or is deeper than {RestJson.MaxDepth}.");
        }
        return outermost;
    }

    private static string? Wrong(ref Utf8JsonReader reader, Stack<HashSet<string>?> open, ref string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                open.Push(new HashSet<string>(StringComparer.Ordinal));
                return null;
            case JsonTokenType.StartArray:
                open.Push(null);
                return null;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                open.Pop();
                return null;
            case JsonTokenType.PropertyName:
                return !TryText(ref reader, out name) ? "is not a name" : open.Peek()!.Add(name) ? null : "is given twice";
            case JsonTokenType.String:
                return TryText(ref reader, out _) ? null : "holds half a surrogate pair";
            case JsonTokenType.Number:
                return double.IsFinite(reader.GetDouble()) ? null : "is no number that can be kept";
            default:
                return null;
        }
    }

    private static bool TryText(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }
}
