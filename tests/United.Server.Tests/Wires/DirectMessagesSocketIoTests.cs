using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using United.Core.DirectMessages;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Encrypted conversations over Socket.IO, with their bytes in binary parts, by a client that does nothing but count them.</summary>
public sealed class DirectMessagesSocketIoTests
{
    [Theory, EachDatabase]
    public async Task A_message_goes_in_and_out_as_binary_parts_to_the_two_alone(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob, eve) = (await scene.Join("ada"), await scene.Join("bob"), await scene.Join("eve"));
        using var writer = await Client.SignIn(scene.Address, ada);
        using var reader = await Client.SignIn(scene.Address, bob);
        using var stranger = await Client.SignIn(scene.Address, eve);
        var dm = (await scene.Core.DirectMessages.Conversations.Open(await ada.Caller(scene.Core), bob.PublicKey)).Value.Conversation.Id;
        Assert.Equal(dm, (await reader.Heard("dm:conversation")).Value.GetProperty("id").GetGuid());

        var (payload, nonce, ephemeral) = (Bytes(96 * 1024), Bytes(24), Bytes(32));
        var sent = await writer.Ask(1, $"[\"dm:send\",{Request(dm)}]", payload, nonce, ephemeral);
        foreach (var (got, parts) in (Packet[])[sent, await reader.Heard("dm:new"), await writer.Heard("dm:new")])
        {
            Assert.Equal((1L, ada.PublicKey, 5L, dm), (got.GetProperty("serverSequence").GetInt64(), got.GetProperty("senderPubkey").GetString(), got.GetProperty("timestamp").GetInt64(), got.GetProperty("conversationId").GetGuid()));
            Assert.Equal([payload, nonce, ephemeral], Sealed(got, parts));
        }

        var again = await writer.Ask(2, $"[\"dm:send\",{Request(dm)}]", payload, nonce, ephemeral);
        Assert.Equal(sent.Value.GetProperty("id").GetGuid(), again.Value.GetProperty("id").GetGuid());
        Assert.Equal("conflict", (await writer.Ask(3, $"[\"dm:send\",{Request(dm)}]", Bytes(1), nonce, ephemeral)).Value.GetProperty("code").GetString());
        Assert.Equal("encryptedPayload", (await writer.Ask(4, $"[\"dm:send\",{Request(dm).Replace("{\"_placeholder\":true,\"num\":0}", "\"text\"", StringComparison.Ordinal)}]", payload, nonce, ephemeral))
            .Value.GetProperty("field").GetString());
        Assert.Equal("not_found", (await stranger.Ask(5, $"[\"dm:send\",{Request(dm)}]", Bytes(9), nonce, ephemeral)).Value.GetProperty("code").GetString());

        var page = await reader.Ask(6, $"[\"dm:history\",{{\"conversationId\":\"{dm}\"}}]");
        Assert.Equal([payload, nonce, ephemeral], Sealed(Assert.Single(page.Value.GetProperty("messages").EnumerateArray()), page.Parts));
        Assert.Equal("not_found", (await stranger.Ask(7, $"[\"dm:history\",{{\"conversationId\":\"{dm}\"}}]")).Value.GetProperty("code").GetString());

        var key = (byte[])[.. Bytes(31), 7];
        Assert.True((await scene.Core.DirectMessages.Keys.Publish(await ada.Caller(scene.Core), new PublishDmKey(key))).Ok);
        var told = await reader.Heard("dm:key");
        Assert.Equal((ada.PublicKey, key[5]), (told.Value.GetProperty("userPubkey").GetString(), Assert.Single(told.Parts)[5]));
        await stranger.Heard("dm:key");
        Assert.DoesNotContain(stranger.Names, name => name is "dm:new" or "dm:conversation");
    }

    [Theory, EachDatabase]
    public async Task History_comes_in_pages_of_as_many_binary_parts_as_clients_take(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await scene.Join("bob"));
        using var client = await Client.SignIn(scene.Address, ada);
        var dm = (await scene.Core.DirectMessages.Conversations.Open(await ada.Caller(scene.Core), bob.PublicKey)).Value.Conversation.Id;
        var payloads = Enumerable.Range(1, 5).Select(Bytes).ToArray();
        foreach (var payload in payloads) await client.Ask(100 + payload.Length, $"[\"dm:send\",{Request(dm)}]", payload, Bytes(24), Bytes(32));

        foreach (var (id, asked, expected, hasMore) in ((int, string, int[], bool)[])
            [(2, "", [5, 4, 3], true), (3, ",\"limit\":100", [5, 4, 3], true), (8, ",\"limit\":9223372036854775808", [5, 4, 3], true), (4, ",\"before\":3", [2, 1], false), (5, ",\"after\":1", [4, 3, 2], true), (6, ",\"limit\":2", [5, 4], true)])
        {
            var page = await client.Ask(id, $"[\"dm:history\",{{\"conversationId\":\"{dm}\"{asked}}}]");
            Assert.InRange(page.Parts.Length, 1, 10);
            Assert.Equal(expected.Select(number => payloads[number - 1]), page.Value.GetProperty("messages").EnumerateArray().Select(message => Sealed(message, page.Parts)[0]));
            Assert.Equal(hasMore, page.Value.GetProperty("hasMore").GetBoolean());
        }
        Assert.Equal("limit", (await client.Ask(7, $"[\"dm:history\",{{\"conversationId\":\"{dm}\",\"limit\":0}}]")).Value.GetProperty("field").GetString());
    }

    private static byte[][] Sealed(JsonElement message, byte[][] parts) =>
        [.. ((string[])["encryptedPayload", "nonce", "ephemeralPubkey"]).Select(name => parts[message.GetProperty(name).GetProperty("num").GetInt32()])];

    private static string Request(Guid dm) =>
        $"{{\"conversationId\":\"{dm}\",\"encryptedPayload\":{Part(0)},\"nonce\":{Part(1)},\"ephemeralPubkey\":{Part(2)},\"timestamp\":5}}";

    private static string Part(int number) => $"{{\"_placeholder\":true,\"num\":{number}}}";

    private static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    private sealed record Packet(JsonElement Value, byte[][] Parts);

    private sealed class Client : IDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private readonly List<(string Name, Packet Packet)> _events = [];
        private readonly Dictionary<string, Packet> _answers = [];

        public IEnumerable<string> Names => _events.Select(one => one.Name);

        private static CancellationToken Ct => TestContext.Current.CancellationToken;

        public static async Task<Client> SignIn(Uri server, TestUser user)
        {
            var client = new Client();
            await client._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, Ct);
            await client.Send($"40{{\"token\":\"{user.AccessToken}\"}}");
            await client.Heard("hello");
            return client;
        }

        public async Task<Packet> Ask(int id, string json, params byte[][] parts)
        {
            await Send(parts.Length == 0 ? $"42{id}{json}" : $"45{parts.Length}-{id}{json}");
            foreach (var part in parts) await _socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage: true, Ct);
            while (!_answers.ContainsKey($"{id}")) await Read();
            return _answers[$"{id}"];
        }

        public async Task<Packet> Heard(string name)
        {
            while (_events.TrueForAll(one => one.Name != name)) await Read();
            return _events.Find(one => one.Name == name).Packet;
        }

        public void Dispose() => _socket.Dispose();

        private Task Send(string packet) => _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, endOfMessage: true, Ct);

        // 42 and 43 are an event and an acknowledgement, 45 and 46 the same with so many binary parts behind them.
        private async Task Read()
        {
            var text = Encoding.UTF8.GetString(await Frame());
            if (text == "2") await Send("3");
            if (text.Length < 2 || text[0] != '4' || text[1] is not ('2' or '3' or '5' or '6')) return;
            var binary = text[1] is '5' or '6';
            var start = text.IndexOf('[', StringComparison.Ordinal);
            var (count, id) = binary && text[2..start].Split('-') is [var parts, var rest] ? (int.Parse(parts, null), rest) : (0, text[2..start]);
            var attachments = new byte[count][];
            for (var i = 0; i < count; i++) attachments[i] = await Frame();
            using var json = JsonDocument.Parse(text[start..]);
            if (text[1] is '3' or '6') _answers[id] = new Packet(json.RootElement[0].Clone(), attachments);
            else _events.Add((json.RootElement[0].GetString()!, new Packet(json.RootElement[1].Clone(), attachments)));
        }

        private async Task<byte[]> Frame()
        {
            var (buffer, bytes) = (new byte[64 * 1024], new MemoryStream());
            WebSocketReceiveResult got;
            do
            {
                got = await _socket.ReceiveAsync(buffer, Ct);
                bytes.Write(buffer, 0, got.Count);
            }
            while (!got.EndOfMessage);
            return bytes.ToArray();
        }
    }
}
