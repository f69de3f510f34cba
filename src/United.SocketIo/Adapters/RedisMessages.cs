using System.Buffers;
using System.Text.Json;

namespace United.SocketIo.Adapters;

/// <summary>What nodes send each other, written as <c>@socket.io/redis-adapter</c> 8 writes it.</summary>
internal static class RedisMessages
{
    /// <summary>MessagePack <c>[uid, {type:2, data, nsp}, {rooms, except, flags}]</c></summary>
    public static byte[] Broadcast(string uid, Namespace ns, Payload payload, Target target, EmitFlags flags) => Packed(payload, (packet, writer) =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(uid);
        WritePacket(ns, packet, writer);
        WriteOptions(target, flags, writer);
        writer.WriteEndArray();
    });

    /// <summary>Request 7, MessagePack: a broadcast whose clients are to acknowledge.</summary>
    public static byte[] BroadcastWithAck(string uid, string requestId, Namespace ns, Payload payload, Target target, EmitFlags flags) => Packed(payload, (packet, writer) =>
    {
        writer.WriteStartObject();
        writer.WriteString("uid", uid);
        writer.WriteString("requestId", requestId);
        writer.WriteNumber("type", (int)RedisRequest.Broadcast);
        writer.WritePropertyName("packet");
        WritePacket(ns, packet, writer);
        writer.WritePropertyName("opts");
        WriteOptions(target, flags, writer);
        writer.WriteEndObject();
    });

    /// <summary>Reply 9, MessagePack: one client's acknowledgement.</summary>
    public static byte[] BroadcastAck(string requestId, Argument? answer) => Packed(new Payload([], answer?.Attachments ?? []), (_, writer) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("type", (int)RedisRequest.BroadcastAck);
        writer.WriteString("requestId", requestId);
        if (answer is { } value)
        {
            writer.WritePropertyName("packet");
            writer.WriteRawValue(value.Json.Span);
        }
        writer.WriteEndObject();
    });

    /// <summary>Requests 1 to 6, JSON.</summary>
    public static byte[] Request(string uid, RedisRequest type, string? requestId, Action<Utf8JsonWriter> rest) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("uid", uid);
        if (requestId is not null) writer.WriteString("requestId", requestId);
        writer.WriteNumber("type", (int)type);
        rest(writer);
        writer.WriteEndObject();
    });

    public static byte[] Reply(RedisRequest? type, string requestId, Action<Utf8JsonWriter> rest) => Json(writer =>
    {
        writer.WriteStartObject();
        if (type is { } number) writer.WriteNumber("type", (int)number);
        writer.WriteString("requestId", requestId);
        rest(writer);
        writer.WriteEndObject();
    });

    public static void WriteTarget(Target target, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("opts");
        WriteList("rooms", target.Rooms, writer);
        WriteList("except", target.Except, writer);
        writer.WriteEndObject();
    }

    public static void WriteList(string name, IEnumerable<string> texts, Utf8JsonWriter writer)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void WritePacket(Namespace ns, Payload payload, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("type", (int)PacketType.Event);
        writer.WritePropertyName("data");
        writer.WriteRawValue(payload.Json, skipInputValidation: true);
        writer.WriteString("nsp", ns.Name);
        writer.WriteEndObject();
    }

    private static void WriteOptions(Target target, EmitFlags flags, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteList("rooms", target.Rooms, writer);
        WriteList("except", target.Except, writer);
        writer.WriteStartObject("flags");
        if (flags.Volatile) writer.WriteBoolean("volatile", true);
        if (flags.Compress is { } compress) writer.WriteBoolean("compress", compress);
        if (flags.Timeout is { } timeout) writer.WriteNumber("timeout", (long)timeout.TotalMilliseconds);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static byte[] Packed(Payload payload, Action<Payload, Utf8JsonWriter> write) => MsgPack.FromJson(Json(payload, write), payload.Attachments);

    private static byte[] Json(Action<Utf8JsonWriter> write) => Json(write, static (all, writer) => all(writer));

    private static byte[] Json<T>(T what, Action<T, Utf8JsonWriter> write)
        where T : allows ref struct
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(what, writer);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Requests, and the two replies that have a type of their own.</summary>
internal enum RedisRequest
{
    Sockets = 0,
    AllRooms = 1,
    RemoteJoin = 2,
    RemoteLeave = 3,
    RemoteDisconnect = 4,
    RemoteFetch = 5,
    ServerSideEmit = 6,
    Broadcast = 7,
    BroadcastClientCount = 8,
    BroadcastAck = 9,
}
