using System.Buffers;
using System.Text;
using System.Text.Json;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>The packets around a connection, whose payload is an object: CONNECT, CONNECT_ERROR, DISCONNECT.</summary>
internal static class ConnectPackets
{
    /// <summary><c>0[namespace,]{"sid":…[,"pid":…]}</c>. Both ids are base64url: nothing to escape.</summary>
    public static EngineMessage Connected(Namespace ns, string sid, string? privateId) =>
        EngineMessage.Create("0"u8, Encoding.UTF8.GetBytes(ns.PrefixText + (privateId is null ? $$"""{"sid":"{{sid}}"}""" : $$"""{"sid":"{{sid}}","pid":"{{privateId}}"}""")));

    /// <summary><c>1[namespace,]</c></summary>
    public static EngineMessage Disconnected(Namespace ns) => EngineMessage.Create("1"u8, ns.Prefix);

    public static EngineMessage Error(string name, Refusal refusal, JsonSerializerOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        if (name != "/") buffer.Write(Encoding.UTF8.GetBytes(name + ","));
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("message", refusal.Message);
        if (refusal.Data is { } data)
        {
            writer.WritePropertyName("data");
            JsonSerializer.Serialize(writer, data, options.GetTypeInfo(data.GetType()));
        }
        writer.WriteEndObject();
        writer.Flush();
        return EngineMessage.Create("4"u8, buffer.WrittenSpan);
    }
}
