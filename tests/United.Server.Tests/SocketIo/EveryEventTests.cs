using System.Text.Json;
using System.Text.Json.Nodes;
using United.Core;
using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>What the page says of events is so: each one of a client is taken and refused, each one of the server is heard, with the fields that stand there.</summary>
public sealed class EveryEventTests
{
    private static readonly string[] FromTheServer = ["SocketEncoder", "SocketAdmission", "SocketSession", "MessagesSocketEvents"];

    [Fact]
    public void The_page_names_the_events_that_the_program_knows()
    {
        Assert.Equal(DocumentedEvents.In("src/United.Server/SocketIo/SocketDispatch.cs").Order(), DocumentedEvents.Asked.Keys.Order());
        Assert.Equal(FromTheServer.SelectMany(file => DocumentedEvents.In($"src/United.Server/SocketIo/{file}.cs")).Distinct().Order(), DocumentedEvents.Heard.Keys.Order());
    }

    [Theory, EachDatabase]
    public async Task Each_event_of_a_client_is_refused_where_it_is_not_as_documented_and_taken_where_it_is(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var group = await scene.Group(anna);
        var (writer, stranger) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(berta));
        var (message, other) = (await Send("one"), await Send("two"));
        var before = await Stored();

        foreach (var (name, fields) in DocumentedEvents.Asked)
        {
            var good = Good(name, group, message, other);
            Assert.Equal("malformed", await Refused(writer.AskRaw($"[\"{name}\"]")));
            Assert.Equal("malformed", await Refused(writer.AskRaw($"[\"{name}\",{good.ToJsonString()},1]")));
            foreach (var wrong in (string[])["7", "null", "[]", "\"text\""]) Assert.Equal($"{name} validation_failed", $"{name} {await Refused(writer.AskRaw($"[\"{name}\",{wrong}]"))}");
            foreach (var field in fields)
            {
                foreach (var wrong in Wrong(good, field)) Assert.Equal($"{name} {wrong} validation_failed {field.Name}", $"{name} {wrong} {await Refused(writer.AskRaw($"[\"{name}\",{wrong}]"))}");
            }
            if (name is "status:set" or "sync") continue;
            var (hidden, nowhere) = (await stranger.AskRaw($"[\"{name}\",{good.ToJsonString()}]"), await stranger.AskRaw($"[\"{name}\",{Good(name, New(), New(), New()).ToJsonString()}]"));
            Assert.Equal($"{name} not_found", $"{name} {hidden.GetProperty("code").GetString()}");
            Assert.Equal(nowhere.GetRawText(), hidden.GetRawText());
        }
        Assert.Equal(before, await Stored());

        foreach (var name in DocumentedEvents.Asked.Keys)
        {
            var answer = await writer.AskRaw($"[\"{name}\",{Good(name, group, message, other).ToJsonString()}]");
            Assert.False(answer.TryGetProperty("error", out _), $"{name}: {answer}");
        }

        async Task<Guid> Send(string content) => (await writer.Ask("message:send", new { conversationId = group, content })).GetProperty("messageId").GetGuid();

        Task<string> Stored() => scene.Core.Database.Read(sql => StoredRows.Of(sql, StoredRows.OfConversations));
    }

    [Theory, EachDatabase]
    public async Task Each_event_of_the_server_is_heard_with_the_fields_of_the_page(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta, carla) = (await scene.Join("anna"), await scene.Join("berta"), await scene.Join("carla"));
        var (moderator, writer, reader) = (await scene.ListenBySocketIo(scene.Owner), await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(berta));
        var caller = await scene.Owner.Caller(scene.Core);
        _ = (await scene.Core.Identity.Settings.Change(caller, new ChangeSettings(Words: ["forbiddenword"]))).Value;

        var group = await scene.Group(anna, berta);
        await reader.Pushed("conversation:new");
        _ = (await scene.Core.Conversations.Change(caller, new ChangeGroup(group, "renamed", null))).Value;
        _ = (await scene.Core.Conversations.AddMember(caller, group, carla.Id, MemberRole.Member)).Value;
        _ = (await scene.Core.Conversations.ChangeMember(caller, group, carla.Id, MemberRole.Admin)).Value;
        _ = (await scene.Core.Conversations.RemoveMember(caller, group, carla.Id)).Value;
        var message = (await writer.Ask("message:send", new { conversationId = group, content = "hello" })).GetProperty("messageId").GetGuid();
        await writer.Ask("message:edit", new { conversationId = group, messageId = message, content = "changed" });
        await reader.Ask("message:delivered", new { conversationId = group, messageId = message });
        await reader.Ask("message:read", new { conversationId = group, messageId = message });
        await reader.Ask("reaction:add", new { messageId = message, emoji = "like" });
        await reader.Ask("reaction:remove", new { messageId = message, emoji = "like" });
        await reader.Emit("typing", new { conversationId = group });
        await writer.Pushed("typing");
        await writer.Ask("message:delete", new { conversationId = group, messageId = message });
        await writer.Ask("message:send", new { conversationId = await scene.OpenChannel(), content = "a forbiddenword" });
        await moderator.Pushed("message:flagged");

        var direct = (await scene.Core.Conversations.CreateDirect(await anna.Caller(scene.Core), berta.Id)).Value.View.Conversation.Id;
        await writer.Ask("message:send", new { conversationId = direct, content = "may I?" });
        var request = (await reader.Pushed("request:new")).Payload.GetProperty("id").GetGuid();
        _ = (await scene.Core.Requests.Accept(await berta.Caller(scene.Core), request)).Value;
        await writer.Pushed("request:accepted");

        await reader.Ask("status:set", new { status = "away" });
        await writer.Pushed(push => push.Name == "status:changed" && push["userId"] == berta.Id.ToString());
        _ = (await scene.Core.Conversations.RemoveMember(caller, group, berta.Id)).Value;
        await reader.Pushed("conversation:removed");
        await scene.Core.Identity.Sessions.LogOut(await berta.Caller(scene.Core));
        await reader.Ended;
        await writer.Pushed(push => push.Name == "status:offline" && push["userId"] == berta.Id.ToString());

        var heard = ((SocketIoClient[])[moderator, writer, reader]).SelectMany(client => client.Pushes).ToLookup(push => push.Name);
        Assert.Equal(DocumentedEvents.Heard.Keys.Order(), heard.Select(pushes => pushes.Key).Order());
        foreach (var (name, fields) in DocumentedEvents.Heard.Where(documented => documented.Value.Length > 0))
            Assert.All(heard[name], push => Assert.Equal($"{name} {Sorted(fields.Select(field => field.Name))}", $"{name} {Sorted(push.Payload.EnumerateObject().Select(field => field.Name))}"));
    }

    private static JsonObject Good(string name, Guid group, Guid message, Guid other) => JsonSerializer.SerializeToNode<object>(name switch
    {
        "message:send" => new { conversationId = group, content = "hello" },
        "message:edit" => new { conversationId = group, messageId = message, content = "changed" },
        "message:delete" => new { conversationId = group, messageId = other },
        "message:read" or "message:delivered" => new { conversationId = group, sequence = 1 },
        "message:history" or "conversation:join" or "conversation:leave" or "typing" => new { conversationId = group },
        "reaction:add" or "reaction:remove" => new { messageId = message, emoji = "like" },
        "status:set" => new { status = "online" },
        "sync" => new { conversations = new Dictionary<string, long> { [group.ToString()] = 1 } },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "What it carries has to stand in this test."),
    })!.AsObject();

    // Of another kind, twice, and, where it has to be there, not at all.
    private static IEnumerable<string> Wrong(JsonObject good, DocumentedField field)
    {
        var rest = good.DeepClone().AsObject();
        rest.Remove(field.Name);
        yield return With(field.Name == "mediaIds" ? "7" : "[]");
        yield return With($"null,\"{field.Name}\":null");
        if (!field.Optional) yield return rest.ToJsonString();

        string With(string value) => rest.ToJsonString()[..^1] + (rest.Count > 0 ? "," : "") + $"\"{field.Name}\":{value}}}";
    }

    private static async Task<string> Refused(Task<JsonElement> asking)
    {
        var answer = await asking;
        Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        return $"{answer.GetProperty("code").GetString()} {(answer.TryGetProperty("field", out var field) ? field.GetString() : "")}".TrimEnd();
    }

    private static string Sorted(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));

    private static Guid New() => Ids.New(TimeProvider.System);
}
