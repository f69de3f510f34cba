using System.Text.Json;
using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>What clients are told, with exactly the fields that are documented.</summary>
public sealed class SocketIoEventsTests
{
    [Theory, EachDatabase]
    public async Task A_message_is_acknowledged_confirmed_to_its_socket_and_heard_by_all_devices(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var (phone, laptop, other) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(await scene.SignInAgain(anna)), await scene.ListenBySocketIo(scene.Owner));
        var answer = await phone.Ask("message:send", new { conversationId = channel, content = "Grüße 👋", clientId = "c-1" });
        Assert.Equal("messageId revision serverSequence success timestamp", Fields(answer));
        var id = answer.GetProperty("messageId").GetString();

        var sent = await phone.Pushed("message:sent");
        Assert.Equal($$"""{"id":"{{id}}","clientId":"c-1","conversationId":"{{channel}}","serverSequence":1,"status":"sent"}""", sent.Payload.GetRawText());
        foreach (var device in (SocketIoClient[])[phone, laptop, other])
        {
            var heard = await device.Pushed("message:new");
            Assert.Equal((id, channel.ToString(), "Grüße 👋", anna.Id.ToString()), (heard["id"], heard["conversationId"], heard["content"], heard["senderId"]));
        }
        await phone.Ask("status:set", new { status = "online" });
        Assert.DoesNotContain(laptop.Pushes, push => push.Name == "message:sent");

        var again = await phone.Ask("message:send", new { conversationId = channel, content = "again", clientId = "c-1" });
        Assert.Equal(id, again.GetProperty("messageId").GetString());
        (await (await scene.Drive(WireKind.Rest, scene.Owner)).Post(channel, "the next")).Must();
        await laptop.Pushed(push => push.Name == "message:new" && push["content"] == "the next");
        Assert.Equal(2, laptop.Pushes.Count(push => push.Name == "message:new"));
    }

    [Theory, EachDatabase]
    public async Task Edits_deletions_and_reactions_are_heard_with_their_revisions(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var (writer, reader) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(scene.Owner));
        var id = (await writer.Ask("message:send", new { conversationId = channel, content = "first" })).GetProperty("messageId").GetString();
        var edit = await writer.Ask("message:edit", new { conversationId = channel, messageId = id, content = $"for @user:{scene.Owner.Id}" });
        var edited = (await reader.Pushed("message:edited")).Payload;
        Assert.Equal("conversationId editTimestamp mentionRoleIds mentionUserIds messageId newContent revision", Fields(edited));
        Assert.Equal(edit.GetProperty("revision").GetInt64(), edited.GetProperty("revision").GetInt64());
        Assert.Equal(scene.Owner.Id, edited.GetProperty("mentionUserIds")[0].GetGuid());

        var reactions = (await reader.Ask("reaction:add", new { messageId = id, emoji = "👍" })).GetProperty("reactions");
        Assert.Equal(("👍", true), (reactions[0].GetProperty("emoji").GetString(), reactions[0].GetProperty("me").GetBoolean()));
        var added = (await writer.Pushed("reaction:added")).Payload;
        Assert.Equal("conversationId emoji messageId revision userId", Fields(added));
        Assert.Empty((await reader.Ask("reaction:remove", new { messageId = id, emoji = "👍" })).GetProperty("reactions").EnumerateArray());
        Assert.Equal(scene.Owner.Id.ToString(), (await writer.Pushed("reaction:removed"))["userId"]);

        var deletion = await writer.Ask("message:delete", new { conversationId = channel, messageId = id });
        var deleted = (await reader.Pushed("message:deleted")).Payload;
        Assert.Equal("conversationId messageId revision serverSequence", Fields(deleted));
        Assert.Equal(deletion.GetProperty("revision").GetInt64(), deleted.GetProperty("revision").GetInt64());
    }

    [Theory, EachDatabase]
    public async Task Reading_on_one_device_clears_the_others_and_tells_the_sender(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var direct = await Direct(scene, anna, berta);
        var writer = await scene.ListenBySocketIo(anna);
        var (phone, laptop) = (await scene.ListenBySocketIo(berta), await scene.ListenBySocketIo(await scene.SignInAgain(berta)));
        (await (await scene.Drive(WireKind.Rest, berta)).Post(direct, "hello")).Must();
        var id = (await writer.Ask("message:send", new { conversationId = direct, content = "read me" })).GetProperty("messageId").GetString();
        await phone.Pushed(push => push.Name == "message:new" && push["id"] == id);

        Assert.Equal(2, (await phone.Ask("message:delivered", new { conversationId = direct, messageId = id })).GetProperty("sequence").GetInt64());
        var delivered = (await writer.Pushed("message:delivered")).Payload;
        Assert.Equal($$"""{"conversationId":"{{direct}}","userId":"{{berta.Id}}","sequence":2}""", delivered.GetRawText());

        var read = await phone.Ask("message:read", new { conversationId = direct, messageId = id });
        Assert.Equal((true, 0), (read.GetProperty("success").GetBoolean(), read.GetProperty("unreadCount").GetInt32()));
        var told = (await writer.Pushed(push => push.Name == "message:read" && push["readBy"] == berta.Id.ToString())).Payload;
        Assert.Equal("conversationId messageId readAt readBy sequence", Fields(told));
        Assert.Equal((id, 2), (told.GetProperty("messageId").GetString(), told.GetProperty("sequence").GetInt64()));
        var unread = (await laptop.Pushed("unread")).Payload;
        Assert.Equal($$"""{"conversationId":"{{direct}}","unreadCount":0,"mentionCount":0}""", unread.GetRawText());
    }

    [Theory, EachDatabase]
    public async Task Who_is_let_into_a_group_hears_of_it_first_and_who_leaves_hears_nothing_after_it(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var (first, second) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(berta));
        var caller = await anna.Caller(scene.Core);
        var group = (await scene.Core.Conversations.CreateGroup(caller, new CreateGroup("walks", [], null))).Value.View.Conversation.Id;
        Assert.Equal(("group", "walks"), ((await first.Pushed("conversation:new"))["kind"], first.Pushes.Single(push => push.Name == "conversation:new")["name"]));
        _ = (await scene.Core.Conversations.AddMember(caller, group, berta.Id, MemberRole.Member)).Value;
        Assert.Equal(group.ToString(), (await second.Pushed("conversation:new"))["id"]);
        var added = (await first.Pushed(push => push.Name == "member:added" && push["userId"] == berta.Id.ToString())).Payload;
        Assert.Equal("conversationId revision role userId", Fields(added));
        await second.Pushed("member:added");
        var heard = second.Pushes.Select(push => push.Name).ToList();
        Assert.True(heard.IndexOf("conversation:new") < heard.IndexOf("member:added"));

        _ = (await scene.Core.Conversations.ChangeMember(caller, group, berta.Id, MemberRole.Admin)).Value;
        Assert.Equal("admin", (await second.Pushed("member:updated"))["role"]);
        _ = (await scene.Core.Conversations.Change(caller, new ChangeGroup(group, "long walks", null))).Value;
        Assert.Equal("long walks", (await second.Pushed("conversation:updated"))["name"]);

        _ = (await scene.Core.Conversations.RemoveMember(caller, group, berta.Id)).Value;
        await first.Ask("message:send", new { conversationId = group, content = "without berta" });
        Assert.Equal(group.ToString(), (await second.Pushed("conversation:removed"))["conversationId"]);
        Assert.Equal(berta.Id.ToString(), (await first.Pushed("member:removed"))["userId"]);
        await second.Ask("status:set", new { status = "online" });
        Assert.DoesNotContain(second.Pushes, push => push["content"] == "without berta");
        Assert.Equal("conversation:removed", second.Pushes.Last(push => push.Name.StartsWith("conversation", StringComparison.Ordinal) || push.Name.StartsWith("member", StringComparison.Ordinal)).Name);
    }

    [Theory, EachDatabase]
    public async Task A_channel_that_comes_changes_and_goes_is_told_to_everybody_who_may_know_of_it(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var client = await scene.ListenBySocketIo(anna);
        var open = await scene.OpenChannel();
        Assert.Equal((open.ToString(), "channel"), ((await client.Pushed("conversation:new"))["id"], client.Pushes.First(push => push.Name == "conversation:new")["kind"]));
        var closed = await scene.PrivateChannel();
        var owner = await scene.Owner.Caller(scene.Core);
        _ = (await scene.Core.Channels.AddMember(owner, closed, anna.Id)).Value;
        await client.Pushed(push => push.Name == "conversation:new" && push["id"] == closed.ToString());
        await scene.Remove(closed, anna);
        await client.Pushed(push => push.Name == "conversation:removed" && push["conversationId"] == closed.ToString());
        _ = (await scene.Core.Channels.Delete(owner, open)).Value;
        await client.Pushed(push => push.Name == "conversation:removed" && push["conversationId"] == open.ToString());
    }

    [Theory, EachDatabase]
    public async Task Requests_are_told_with_their_conversation(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var (asking, asked) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(berta));
        var direct = await Direct(scene, anna, berta);
        await asking.Ask("message:send", new { conversationId = direct, content = "may I?" });
        var request = (await asked.Pushed("request:new")).Payload;
        Assert.Equal((anna.Id, "pending", direct), (request.GetProperty("requesterId").GetGuid(), request.GetProperty("state").GetString(), request.GetProperty("conversation").GetProperty("id").GetGuid()));
        _ = (await scene.Core.Requests.Accept(await berta.Caller(scene.Core), request.GetProperty("id").GetGuid())).Value;
        foreach (var client in (SocketIoClient[])[asking, asked])
            Assert.Equal("accepted", (await client.Pushed("request:accepted"))["state"]);
    }

    [Theory, EachDatabase]
    public async Task Presence_and_typing_are_heard_by_the_others_and_flags_by_moderators(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("MessageLog:WordList", await WireScene.WordList("forbiddenword"))]);
        var channel = await scene.OpenChannel();
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var (owner, other) = (await scene.ListenBySocketIo(scene.Owner), await scene.ListenBySocketIo(berta));
        var client = await scene.ListenBySocketIo(anna);
        var online = (await owner.Pushed(push => push.Name == "status:online" && push["userId"] == anna.Id.ToString())).Payload;
        Assert.Equal("lastSeenAt status userId", Fields(online));
        await client.Ask("status:set", new { status = "dnd" });
        Assert.Equal("dnd", (await owner.Pushed(push => push.Name == "status:changed" && push["userId"] == anna.Id.ToString()))["status"]);
        await client.Emit("typing", new { conversationId = channel });
        var typing = (await owner.Pushed("typing")).Payload;
        Assert.Equal($$"""{"conversationId":"{{channel}}","userId":"{{anna.Id}}","displayName":"anna"}""", typing.GetRawText());
        var id = (await client.Ask("message:send", new { conversationId = channel, content = "a forbiddenword here" })).GetProperty("messageId").GetString();
        Assert.Equal($$"""{"messageId":"{{id}}","conversationId":"{{channel}}"}""", (await owner.Pushed("message:flagged")).Payload.GetRawText());
        await other.Ask("status:set", new { status = "online" });
        Assert.DoesNotContain(other.Pushes, push => push.Name == "message:flagged");
        await client.DisposeAsync();
        await owner.Pushed(push => push.Name == "status:offline" && push["userId"] == anna.Id.ToString());
    }

    private static async Task<Guid> Direct(WireScene scene, TestUser from, TestUser to) =>
        (await scene.Core.Conversations.CreateDirect(await from.Caller(scene.Core), to.Id)).Value.View.Conversation.Id;

    private static string Fields(JsonElement payload) => string.Join(' ', payload.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
}
