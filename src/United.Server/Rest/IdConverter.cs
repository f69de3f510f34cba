using System.Text.Json;
using System.Text.Json.Serialization;
using United.Core;

namespace United.Server.Rest;

/// <summary>Ids travel in one form only, so that two texts are never the same id.</summary>
internal sealed class IdConverter : JsonConverter<Guid>
{
    public override Guid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Ids.TryParse(reader.GetString(), out var id) ? id : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
