using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace United.SocketIo;

/// <summary>A socket as other nodes get to see it: <c>{"id","handshake","rooms","data"}</c>.</summary>
internal static class SocketDescription
{
    public static RemoteSocket Of(Socket socket)
    {
        var element = JsonElementOf(writer => Write(socket, writer));
        return Read(socket.Namespace, element);
    }

    /// <exception cref="JsonException">It is not what the original sends.</exception>
    public static RemoteSocket Read(Namespace ns, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String) throw new JsonException("socket without id");
        var rooms = element.TryGetProperty("rooms", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(room => room.ToString()).ToArray() : [];
        return new RemoteSocket(ns, id.GetString()!, Property(element, "handshake"), rooms, Property(element, "data"));
    }

    public static void Write(Socket socket, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", socket.Id);
        WriteHandshake(socket.Handshake, writer);
        writer.WriteStartArray("rooms");
        foreach (var room in socket.Rooms) writer.WriteStringValue(room);
        writer.WriteEndArray();
        WriteData(socket, writer);
        writer.WriteEndObject();
    }

    private static void WriteHandshake(Handshake handshake, Utf8JsonWriter writer)
    {
        var engine = handshake.Engine;
        writer.WriteStartObject("handshake");
        WritePairs("headers", engine.Headers, writer, lowerCase: true);
        writer.WriteString("time", engine.Issued.UtcDateTime.ToString("ddd MMM dd yyyy HH:mm:ss 'GMT+0000 (Coordinated Universal Time)'", CultureInfo.InvariantCulture));
        writer.WriteString("address", engine.Address?.ToString() ?? "");
        writer.WriteBoolean("xdomain", engine.CrossDomain);
        writer.WriteBoolean("secure", engine.Secure);
        writer.WriteNumber("issued", engine.Issued.ToUnixTimeMilliseconds());
        writer.WriteString("url", engine.Url);
        WritePairs("query", engine.Query, writer, lowerCase: false);
        writer.WritePropertyName("auth");
        writer.WriteRawValue(handshake.Auth.Json.Span);
        writer.WriteEndObject();
    }

    private static void WritePairs(string name, EngineIo.NameValues pairs, Utf8JsonWriter writer, bool lowerCase)
    {
        writer.WriteStartObject(name);
#pragma warning disable CA1308 // Node names headers in lower case.
        foreach (var (key, value) in pairs) writer.WriteString(lowerCase ? key.ToLowerInvariant() : key, value);
#pragma warning restore CA1308
        writer.WriteEndObject();
    }

    private static void WriteData(Socket socket, Utf8JsonWriter writer)
    {
        var options = socket.Namespace.Server.Options.Json;
        writer.WriteStartObject("data");
        foreach (var (key, value) in socket.DataOrNull ?? [])
        {
            writer.WritePropertyName(key);
            if (value is null) writer.WriteNullValue();
            else JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
        }
        writer.WriteEndObject();
    }

    private static JsonElement Property(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.Clone() : default;

    private static JsonElement JsonElementOf(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }
}
