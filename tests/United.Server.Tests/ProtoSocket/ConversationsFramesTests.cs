using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

/// <summary>Payloads 180 to 191 with fields that mean nothing: refused by name, and nothing has changed.</summary>
public sealed class ConversationsFramesTests
{
    private const string Nobody = "00000000-0000-7000-8000-000000000001";

    [Theory, EachDatabase]
    public async Task What_a_field_may_not_hold_is_refused_by_its_name_and_changes_nothing(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var group = (await scene.Group(anna)).ToString();
        var client = await scene.Listen(scene.Owner);
        var before = await Shown(client, group);

        foreach (var (request, field) in Meaningless(group, anna.Id.ToString()))
        {
            var error = (await client.Ask(request)).Error;
            Assert.True(error is { Code: 400, Fault: "validation_failed" } && error.Field == field, $"{request}: {error}");
        }

        Assert.Equal(before, await Shown(client, group));
        Assert.Empty((await client.Ask(new Envelope { ListConversations = new ListConversations { State = "requests" } })).ConversationList.Conversations);
    }

    [Theory, EachDatabase]
    public async Task What_one_may_not_know_of_is_answered_like_what_does_not_exist(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var group = (await scene.Group(anna)).ToString();
        var stranger = await scene.Listen(await scene.Join("stranger"));

        foreach (var (there, nowhere) in OfAConversation(group).Zip(OfAConversation(Nobody)))
        {
            var (answer, expected) = ((await stranger.Ask(there)).Error, (await stranger.Ask(nowhere)).Error);
            Assert.Equal((404u, "not_found"), (answer.Code, answer.Fault));
            Assert.Equal(expected, answer);
        }
    }

    [Theory, EachDatabase]
    public async Task A_list_that_would_be_too_long_for_an_answer_is_cut_and_goes_on(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var owner = await scene.Converse(WireKind.Proto, scene.Owner);
        var groups = new HashSet<Guid>();
        for (var i = 0; i < 25; i++)
        {
            var group = await scene.Group(anna);
            groups.Add(group);
            (await owner.Post(group, string.Concat(Enumerable.Repeat("𝄞", 4_000)))).Must();
        }

        var client = await scene.Listen(anna);
        var (seen, cursor, pages) = (new List<string>(), "", 0);
        do
        {
            var answer = await client.Ask(new Envelope { ListConversations = new ListConversations { Cursor = cursor, Limit = 100 } });
            Assert.InRange(answer.CalculateSize(), 1, 256 * 1024);
            seen.AddRange(answer.ConversationList.Conversations.Select(conversation => conversation.Id));
            (cursor, pages) = (answer.ConversationList.Next, pages + 1);
        } while (cursor.Length > 0);

        Assert.Equal(2, pages);
        Assert.Equal(groups.Count, seen.Count);
        Assert.Equal(groups, seen.Select(Guid.Parse).ToHashSet());
    }

    private static IEnumerable<(Envelope Request, string Field)> Meaningless(string group, string anna) =>
    [
        (new() { ListConversations = new() { State = "INBOX" } }, "state"),
        (new() { ListConversations = new() { Cursor = "0" } }, "cursor"),
        (new() { ListConversations = new() { Cursor = "-1_" + group } }, "cursor"),
        (new() { ListConversations = new() { Cursor = "99999999999999999999_" + group } }, "cursor"),
        (new() { ListConversations = new() { ConversationId = "x" } }, "conversation_id"),
        (new() { CreateConversation = new() }, "type"),
        (new() { CreateConversation = new() { Type = "dm", UserId = anna } }, "type"),
        (new() { CreateConversation = new() { Type = "direct" } }, "user_id"),
        (new() { CreateConversation = new() { Type = "direct", UserId = Nobody.ToUpperInvariant() + "0" } }, "user_id"),
        (new() { CreateConversation = new() { Type = "group", Name = "", MemberIds = { anna } } }, "name"),
        (new() { CreateConversation = new() { Type = "group", Name = "x\0", MemberIds = { anna } } }, "name"),
        (new() { CreateConversation = new() { Type = "group", Name = "x", MemberIds = { anna, "me" } } }, "member_ids"),
        (new() { CreateConversation = new() { Type = "group", Name = "x", MemberIds = { Nobody } } }, "member_ids"),
        (new() { CreateConversation = new() { Type = "group", Name = "x", AvatarMediaId = "y" } }, "avatar_media_id"),
        (new() { CreateConversation = new() { Type = "group", Name = "x", AvatarMediaId = Nobody } }, "avatar_media_id"),
        (new() { ChangeConversation = new() { ConversationId = "" } }, "conversation_id"),
        (new() { ChangeConversation = new() { ConversationId = group, Name = new string('x', 101) } }, "name"),
        (new() { ChangeConversation = new() { ConversationId = group, AvatarMediaId = Nobody } }, "avatar_media_id"),
        (new() { ChangeMembers = new() { ConversationId = group, UserId = anna } }, "action"),
        (new() { ChangeMembers = new() { ConversationId = group, UserId = anna, Action = (MemberAction)77 } }, "action"),
        (new() { ChangeMembers = new() { ConversationId = group, UserId = "", Action = MemberAction.Remove } }, "user_id"),
        (new() { ChangeMembers = new() { ConversationId = group, UserId = anna, Action = MemberAction.SetRole } }, "role"),
        (new() { ChangeMembers = new() { ConversationId = group, UserId = anna, Action = MemberAction.Add, Role = "owner" } }, "role"),
        (new() { ChangeSettings = new() { ConversationId = group } }, "change"),
        (new() { ChangeSettings = new() { ConversationId = group, Hide = false } }, "hide"),
        (new() { ChangeSettings = new() { ConversationId = group, MutedUntil = ulong.MaxValue } }, "muted_until"),
        (new() { ChangeSettings = new() { ConversationId = group, Notifications = "" } }, "notifications"),
        (new() { AnswerRequest = new() { Id = "x", Answer = RequestAnswer.Accept } }, "id"),
        (new() { AnswerRequest = new() { Id = Nobody } }, "answer"),
        (new() { FetchReceipts = new() { ConversationId = group, MessageId = "1" } }, "message_id"),
        (new() { FetchReceipts = new() { ConversationId = "1", MessageId = Nobody } }, "conversation_id"),
    ];

    private static IEnumerable<Envelope> OfAConversation(string id) =>
    [
        new() { ListConversations = new() { ConversationId = id } },
        new() { ChangeConversation = new() { ConversationId = id, Name = "mine" } },
        new() { ChangeMembers = new() { ConversationId = id, UserId = Nobody, Action = MemberAction.Add } },
        new() { ChangeMembers = new() { ConversationId = id, UserId = Nobody, Action = MemberAction.SetRole, Role = "admin" } },
        new() { ChangeMembers = new() { ConversationId = id, UserId = Nobody, Action = MemberAction.Remove } },
        new() { ChangeSettings = new() { ConversationId = id, Hide = true } },
        new() { ChangeSettings = new() { ConversationId = id, MutedUntil = 1 } },
        new() { ChangeSettings = new() { ConversationId = id, Notifications = "all" } },
        new() { FetchReceipts = new() { ConversationId = id, MessageId = Nobody } },
    ];

    private static async Task<string> Shown(ProtoClient client, string group) =>
        (await client.Ask(new Envelope { ListConversations = new ListConversations { ConversationId = group } })).ConversationList.ToString();
}
