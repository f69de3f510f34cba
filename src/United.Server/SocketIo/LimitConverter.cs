using System.Text.Json;
using System.Text.Json.Serialization;

namespace United.Server.SocketIo;

/// <summary>How many somebody asks for: any whole number, as over REST. What is beyond 32 bits is beyond every bound, too.</summary>
internal sealed class LimitConverter : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
        if (reader.TryGetInt32(out var limit)) return limit;
        var number = reader.ValueSpan;
        if (number.IndexOfAny(".eE"u8) >= 0) throw new JsonException();
        return number[0] == '-' ? int.MinValue : int.MaxValue;
    }

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
