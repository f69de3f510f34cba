using System.Text.Json;

namespace United.SocketIo;

/// <summary><c>{"_placeholder":true,"num":N}</c>: where attachment N belongs in the JSON of a binary packet.</summary>
internal static class Placeholders
{
    /// <summary>Whether each placeholder names an attachment that there is.</summary>
    public static bool AreWithin(ReadOnlySpan<byte> json, int count)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.StartObject) continue;
            if (IsPlaceholder(reader, out var number) && (number < 0 || number >= count)) return false;
        }
        return true;
    }

    /// <summary>Copies a value, with the attachments that it holds numbered anew.</summary>
    public static void Copy(ReadOnlySpan<byte> json, Utf8JsonWriter writer, Func<int, int> renumber)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject && IsPlaceholder(reader, out var number))
            {
                Write(writer, renumber(number));
                reader.Skip();
            }
            else
            {
                CopyToken(ref reader, writer);
            }
        }
    }

    public static void Write(Utf8JsonWriter writer, int number)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("_placeholder"u8, true);
        writer.WriteNumber("num"u8, number);
        writer.WriteEndObject();
    }

    /// <summary>Looks ahead on a copy of the reader, which stands at the object's start. A number that is none comes out as -1.</summary>
    public static bool IsPlaceholder(Utf8JsonReader reader, out int number)
    {
        var marked = false;
        number = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMark = reader.ValueTextEquals("_placeholder"u8);
            var isNumber = reader.ValueTextEquals("num"u8);
            reader.Read();
            if (isMark) marked = reader.TokenType == JsonTokenType.True;
            if (isNumber && (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out number))) number = -1;
            reader.Skip();
        }
        return marked;
    }

    private static void CopyToken(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: writer.WriteStartObject(); break;
            case JsonTokenType.EndObject: writer.WriteEndObject(); break;
            case JsonTokenType.StartArray: writer.WriteStartArray(); break;
            case JsonTokenType.EndArray: writer.WriteEndArray(); break;
            case JsonTokenType.PropertyName: writer.WritePropertyName(reader.GetString()!); break;
            case JsonTokenType.String: writer.WriteStringValue(reader.GetString()); break;
            default: writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true); break;
        }
    }
}
