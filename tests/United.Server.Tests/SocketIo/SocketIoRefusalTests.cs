using System.Text.Json;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>What is not as documented is refused in the acknowledgement, changes nothing, and leaves the connection as it is.</summary>
public sealed class SocketIoRefusalTests
{
    private static readonly (string Packet, string Code, string? Field)[] Malformed =
    [
        ("[\"message:send\"]", "malformed", null),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\"},1]", "malformed", null),
        ("[\"message:send\",\"hello\"]", "validation_failed", null),
        ("[\"message:send\",null]", "validation_failed", null),
        ("[\"message:send\",[]]", "validation_failed", null),
        ("[\"message:send\",{}]", "validation_failed", "conversationId"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\"}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":7}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":null}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"not an id\",\"content\":\"x\"}]", "validation_failed", "conversationId"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\",\"content\":\"y\"}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"\\ud800\"}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"\"}]", "validation_failed", "content"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\",\"type\":\"system\"}]", "validation_failed", "type"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\",\"replyToId\":\"CHANNEL\"}]", "validation_failed", "replyToId"),
        ("[\"message:send\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\",\"deep\":DEEP}]", "malformed", null),
        ("[\"message:edit\",{\"conversationId\":\"CHANNEL\",\"content\":\"x\"}]", "validation_failed", "messageId"),
        ("[\"message:delete\",{\"conversationId\":\"CHANNEL\"}]", "validation_failed", "messageId"),
        ("[\"message:delete\",{\"conversationId\":\"CHANNEL\",\"messageId\":\"CHANNEL\"}]", "not_found", null),
        ("[\"message:read\",{\"conversationId\":\"CHANNEL\"}]", "validation_failed", "sequence"),
        ("[\"message:read\",{\"conversationId\":\"CHANNEL\",\"sequence\":-1}]", "validation_failed", "sequence"),
        ("[\"message:read\",{\"conversationId\":\"CHANNEL\",\"sequence\":1.5}]", "validation_failed", "sequence"),
        ("[\"message:read\",{\"conversationId\":\"CHANNEL\",\"sequence\":\"1\"}]", "validation_failed", "sequence"),
        ("[\"message:read\",{\"conversationId\":\"CHANNEL\",\"messageId\":\"CHANNEL\"}]", "not_found", null),
        ("[\"message:delivered\",{\"conversationId\":\"CHANNEL\",\"sequence\":1,\"messageId\":\"CHANNEL\"}]", "validation_failed", "sequence"),
        ("[\"message:history\",{\"conversationId\":\"CHANNEL\",\"limit\":0}]", "validation_failed", "limit"),
        ("[\"message:history\",{\"conversationId\":\"CHANNEL\",\"limit\":-9223372036854775809}]", "validation_failed", "limit"),
        ("[\"message:history\",{\"conversationId\":\"CHANNEL\",\"before\":1,\"after\":1}]", "validation_failed", "before"),
        ("[\"reaction:add\",{\"messageId\":\"CHANNEL\",\"emoji\":7}]", "validation_failed", "emoji"),
        ("[\"reaction:remove\",{\"messageId\":\"CHANNEL\",\"emoji\":\"x\"}]", "not_found", null),
        ("[\"conversation:join\",{\"conversationId\":\"OTHER\"}]", "not_found", null),
        ("[\"conversation:leave\",{\"conversationId\":\"OTHER\"}]", "not_found", null),
        ("[\"typing\",{\"conversationId\":\"OTHER\"}]", "not_found", null),
        ("[\"status:set\",{\"status\":\"invisible\"}]", "validation_failed", "status"),
        ("[\"sync\",{\"conversations\":{\"x\":1}}]", "validation_failed", "conversations"),
        ("[\"sync\",{\"conversations\":7}]", "validation_failed", "conversations"),
        ("[\"toString\",{}]", "malformed", null),
        ("[\"__proto__\",{}]", "malformed", null),
        ("[\"no:such:event\"]", "malformed", null),
    ];

    [Theory, EachDatabase]
    public async Task A_payload_that_is_not_as_documented_is_refused(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (channel, other) = (await scene.OpenChannel(), Guid.NewGuid());
        var client = await scene.ListenBySocketIo(scene.Owner);
        var deep = string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40));
        foreach (var (packet, code, field) in Malformed)
        {
            var answer = await client.AskRaw(packet.Replace("CHANNEL", channel.ToString()).Replace("OTHER", other.ToString()).Replace("DEEP", deep));
            Assert.Equal((packet, code, field), (packet, answer.GetProperty("code").GetString(), answer.TryGetProperty("field", out var named) ? named.GetString() : null));
            Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        }
        await NothingHappened(client, channel);
    }

    [Theory, EachDatabase]
    public async Task Binary_where_text_belongs_is_refused(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var client = await scene.ListenBySocketIo(scene.Owner);
        var asked = client.Asked("9");
        await client.Send($$$"""451-9["message:send",{"conversationId":"{{{channel}}}","content":{"_placeholder":true,"num":0}}]""");
        await client.SendBinary([1, 2, 3]);
        Assert.Equal("content", (await asked).GetProperty("field").GetString());
        await NothingHappened(client, channel);
    }

    [Theory, EachDatabase]
    public async Task Without_an_acknowledgement_a_refusal_is_told_to_nobody_and_breaks_nothing(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var client = await scene.ListenBySocketIo(scene.Owner);
        await client.Emit("no:such:event");
        await client.Emit("message:send", "nonsense");
        await client.Emit("typing", new { conversationId = channel });
        await client.Emit("message:send", new { conversationId = channel, content = "heard all the same" });
        Assert.Equal("heard all the same", (await client.Pushed("message:new"))["content"]);
    }

    [Theory, EachDatabase]
    public async Task Joining_says_whether_one_may_read_and_nothing_else(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (open, closed) = (await scene.OpenChannel(), await scene.PrivateChannel());
        var anna = await scene.ListenBySocketIo(await scene.Join("anna"));
        foreach (var name in (string[])["conversation:join", "conversation:leave"])
        {
            Assert.True((await anna.Ask(name, new { conversationId = open })).GetProperty("success").GetBoolean());
            var refused = await anna.Ask(name, new { conversationId = closed });
            Assert.Equal(("Not a member of this conversation", "not_found"), (refused.GetProperty("error").GetString(), refused.GetProperty("code").GetString()));
        }
        (await (await scene.Drive(WireKind.Rest, scene.Owner)).Post(open, "still heard after the leave")).Must();
        await anna.Pushed("message:new");
    }

    private static async Task NothingHappened(SocketIoClient client, Guid channel)
    {
        var history = await client.Ask("message:history", new { conversationId = channel, includeDeleted = true });
        Assert.Equal(JsonValueKind.Array, history.GetProperty("messages").ValueKind);
        Assert.Equal(0, history.GetProperty("messages").GetArrayLength());
    }
}
