using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace United.SocketIo.Adapters;

/// <summary>What comes from other nodes. Whatever is not understood is dropped: nothing that is published may hurt a node.</summary>
internal sealed partial class RedisAdapter
{
    private void HearBroadcast(RedisChannel channel, RedisValue message)
    {
        var name = (string)channel!;
        if (!name.StartsWith(_broadcasts, StringComparison.Ordinal)) return;
        // Before anything is decoded: most rooms of a cluster have nobody here.
        var room = name.Length > _broadcasts.Length ? name[_broadcasts.Length..^1] : "";
        if (room.Length > 0 && _ns.Rooms.IsEmpty(room)) return;
        Guarded(message, HearBroadcast);
    }

    private void HearBroadcast(JsonElement message, ReadOnlyMemory<byte>[] attachments)
    {
        if (message.GetArrayLength() < 3 || message[0].GetString() == _uid) return;
        var options = message[2];
        var (target, flags) = (ReadTarget(options), options.TryGetProperty("flags", out var said) ? said : default);
        if (TryReadPayload(message[1], attachments, out var payload)) _ns.DeliverHere(target, new EmitFlags(Volatile: Flag(flags, "volatile")), payload);
    }

    private void HearRequest(JsonElement request, ReadOnlyMemory<byte>[] attachments)
    {
        // What this node asked of the others it has done here already.
        if (Text(request, "uid") == _uid) return;
        var type = (RedisRequest)request.GetProperty("type").GetInt32();
        var requestId = Text(request, "requestId");
        switch (type)
        {
            case RedisRequest.Sockets when requestId is not null:
                Answer(request, RedisMessages.Reply(null, requestId, writer => RedisMessages.WriteList("sockets", Ids(new Target(ReadList(request, "rooms"), [])), writer)));
                break;
            case RedisRequest.AllRooms when requestId is not null:
                Answer(request, RedisMessages.Reply(null, requestId, writer => RedisMessages.WriteList("rooms", _ns.Rooms.Names(), writer)));
                break;
            case RedisRequest.RemoteJoin or RedisRequest.RemoteLeave or RedisRequest.RemoteDisconnect:
                DoHere(type, request, requestId);
                break;
            case RedisRequest.RemoteFetch when requestId is not null:
                Answer(request, RedisMessages.Reply(null, requestId, writer => WriteSockets(ReadTarget(request.GetProperty("opts")), writer)));
                break;
            case RedisRequest.ServerSideEmit:
                HearServer(request, requestId);
                break;
            case RedisRequest.Broadcast when requestId is not null:
                AskClients(request, attachments, requestId);
                break;
        }
    }

    private void HearReply(JsonElement reply, ReadOnlyMemory<byte>[] attachments)
    {
        if (Text(reply, "requestId") is not { } requestId) return;
        if (_acks.TryGetValue(requestId, out var acks))
        {
            var type = (RedisRequest)reply.GetProperty("type").GetInt32();
            if (type == RedisRequest.BroadcastClientCount) acks.Expect(reply.GetProperty("clientCount").GetInt32());
            if (type == RedisRequest.BroadcastAck) acks.Add(reply.TryGetProperty("packet", out var answer) ? new Argument(Encoding.UTF8.GetBytes(answer.GetRawText()), attachments) : CollectedAcks.Undefined);
        }
        else if (_pending.TryGetValue(requestId, out var pending))
        {
            pending.Add(reply);
        }
    }

    /// <summary>Requests 2 to 4. An older form names one socket, and wants to hear from the node that has it.</summary>
    private void DoHere(RedisRequest type, JsonElement request, string? requestId)
    {
        var sid = Text(request, "sid");
        if (sid is not null && _ns.Rooms.Find(sid) is null) return;
        var target = sid is not null ? new Target([sid], []) : ReadTarget(request.GetProperty("opts"));
        var rooms = Text(request, "room") is { } room ? [room] : ReadList(request, "rooms");
        if (type == RedisRequest.RemoteJoin) _ns.JoinHere(target, rooms);
        if (type == RedisRequest.RemoteLeave) _ns.LeaveHere(target, rooms);
        if (type == RedisRequest.RemoteDisconnect) _ns.DisconnectHere(target, Flag(request, "close"));
        if (sid is not null && requestId is not null) Answer(request, RedisMessages.Reply(null, requestId, _ => { }));
    }

    private void HearServer(JsonElement request, string? requestId)
    {
        var json = Encoding.UTF8.GetBytes(request.GetProperty("data").GetRawText());
        if (!Arguments.TryReadEvent(json, [], _ns.Server.Options.Json, out var name, out var args)) return;
        // Answers to servers always go to the channel of all, whatever the mode.
        _ns.HearServer(name, args, requestId is null ? null : value => _link.Publish(_responses, RedisMessages.Reply(RedisRequest.ServerSideEmit, requestId, writer => WriteAnswer(value, writer))));
    }

    private void AskClients(JsonElement request, ReadOnlyMemory<byte>[] attachments, string requestId)
    {
        if (!TryReadPayload(request.GetProperty("packet"), attachments, out var payload)) return;
        var options = request.GetProperty("opts");
        var timeout = options.TryGetProperty("flags", out var flags) && flags.TryGetProperty("timeout", out var ms) && ms.TryGetInt32(out var given) && given > 0
            ? TimeSpan.FromMilliseconds(given)
            : _ns.Server.Options.AckTimeout;
        // Clients answer when the request is long gone.
        var channel = ReplyChannel(request);
        var asked = _ns.AskHere(ReadTarget(options), payload, new RelayedAcks(answer => _link.Publish(channel, RedisMessages.BroadcastAck(requestId, answer))));
        // Every node says how many it has asked, even none: the asking one waits for all.
        Answer(request, RedisMessages.Reply(RedisRequest.BroadcastClientCount, requestId, writer => writer.WriteNumber("clientCount", asked.Count)));
        _ = ForgetAfter(asked, timeout);
    }

    private async Task ForgetAfter(AskedSockets asked, TimeSpan timeout)
    {
        using (asked) await Task.Delay(timeout, _ns.Server.Time);
    }

    private void Answer(JsonElement request, byte[] reply) => _link.Publish(ReplyChannel(request), reply);

    private string ReplyChannel(JsonElement request) =>
        _options.PublishOnSpecificResponseChannel && Text(request, "uid") is { } uid ? _responses + uid + "#" : _responses;

    private void WriteSockets(Target target, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("sockets");
        foreach (var socket in _ns.Rooms.Select(target)) SocketDescription.Write(socket, writer);
        writer.WriteEndArray();
    }

    private void WriteAnswer(object? value, Utf8JsonWriter writer)
    {
        writer.WritePropertyName("data");
        if (value is null) writer.WriteNullValue();
        else JsonSerializer.Serialize(writer, value, _ns.Server.Options.Json.GetTypeInfo(value.GetType()));
    }

    private IEnumerable<string> Ids(Target target) => _ns.Rooms.Select(target).Select(socket => socket.Id);

    private void Guarded(RedisValue message, Action<JsonElement, ReadOnlyMemory<byte>[]> hear)
    {
        try
        {
            if (!TryRead((byte[])message!, out var json, out var attachments)) throw new JsonException("not MessagePack");
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 80 });
            hear(document.RootElement, attachments);
        }
        // InvalidOperationException and KeyNotFoundException: values of another kind than a node sends, or none.
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            SocketIoLog.RedisMessageDropped(_ns.Server.Log, e.Message);
        }
    }

    private static bool TryRead(byte[] message, out byte[] json, out ReadOnlyMemory<byte>[] attachments)
    {
        (json, attachments) = (message, []);
        return message is [(byte)'{', ..] || MsgPack.TryToJson(message, out json, out attachments);
    }

    /// <returns>False where the packet is for another namespace, or no event.</returns>
    private bool TryReadPayload(JsonElement packet, ReadOnlyMemory<byte>[] attachments, out Payload payload)
    {
        payload = default;
        if ((Text(packet, "nsp") ?? "/") != _ns.Name) return false;
        var json = Encoding.UTF8.GetBytes(packet.GetProperty("data").GetRawText());
        payload = new Payload(json, attachments);
        return Arguments.TryReadEvent(json, attachments, _ns.Server.Options.Json, out _, out _);
    }

    private static Target ReadTarget(JsonElement options) => new(ReadList(options, "rooms"), ReadList(options, "except"));

    private static string[] ReadList(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Hands the answers of this node's clients on to the node that asked.</summary>
    private sealed class RelayedAcks(Action<Argument?> relay) : AckWaiter
    {
        public override void Answered(Arguments answer) => relay(answer.Count > 0 ? answer[0] : null);

        public override void Lost()
        {
        }
    }
}
