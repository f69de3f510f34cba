using Google.Protobuf;
using Google.Protobuf.Reflection;
using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Chat;
using United.Wire.Presence;
using United.Wire.Ws;
using Xunit;
using Case = United.Wire.Ws.Envelope.PayloadOneofCase;

namespace United.Server.Tests.ProtoSocket;

/// <summary>Every payload of chat and of conversations, as the contract lists them: asked, answered or pushed; and each request refused where it means nothing.</summary>
public sealed class EveryPayloadTests
{
    private static readonly OneofDescriptor Payloads = Envelope.Descriptor.Oneofs.Single(oneof => oneof.Name == "payload");

    private static IEnumerable<FieldDescriptor> OfChat => Payloads.Fields.Where(payload => payload.FieldNumber is (>= 120 and < 150) or (>= 170 and < 200));

    [Theory, EachDatabase]
    public async Task Each_payload_is_asked_answered_or_pushed(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (moderator, admin, device, member) = (await scene.Listen(scene.Owner), await scene.Listen(anna), await scene.Listen(await scene.SignInAgain(anna)), await scene.Listen(bert));
        _ = (await scene.Core.Identity.Settings.Change(await scene.Owner.Caller(scene.Core), new Core.Identity.ChangeSettings(Words: ["forbiddenword"]))).Value;
        var met = new HashSet<Case>();

        var group = (await Ask(admin, new() { CreateConversation = new() { Type = "group", Name = "Tea", MemberIds = { bert.Id.ToString() } } })).ConversationAnswer.Conversation.Id;
        await Ask(admin, new() { ChangeConversation = new() { ConversationId = group, Name = "Coffee" } });
        await Ask(admin, new() { ChangeMembers = new() { ConversationId = group, UserId = bert.Id.ToString(), Action = MemberAction.SetRole, Role = "admin" } });
        await Ask(admin, new() { ChangeSettings = new() { ConversationId = group, Notifications = "mentions" } });
        var message = (await Ask(admin, new() { SendMessage = new() { ChannelId = group, Content = "hello" } })).SendMessageResult;
        await Ask(admin, new() { EditMessage = new() { ChannelId = group, MessageId = message.MessageId, Content = "changed" } });
        await Ask(member, new() { MarkDelivered = new() { ConversationId = group, Sequence = message.ServerSequence } });
        await Ask(member, new() { MarkRead = new() { ConversationId = group, Sequence = message.ServerSequence } });
        Assert.Equal("read", (await Ask(admin, new() { FetchReceipts = new() { ConversationId = group, MessageId = message.MessageId } })).ReceiptList.Status);
        await Ask(member, new() { AddReaction = new() { MessageId = message.MessageId, Emoji = "like" } });
        await Ask(member, new() { RemoveReaction = new() { MessageId = message.MessageId, Emoji = "like" } });
        await Ask(member, new() { Typing = new() { ChannelId = group } });
        await Ask(member, new() { SetPresence = new() { Status = PresenceStatus.Away } });
        await Ask(admin, new() { DeleteMessage = new() { ChannelId = group, MessageId = message.MessageId } });
        Assert.Contains((await Ask(member, new() { FetchHistoryRequest = new() { ChannelId = group, IncludeDeleted = true } })).FetchHistoryResponse.Messages, one => one.Deleted);
        Assert.Single((await Ask(member, new() { SyncRequest = new() { Partial = true, Conversations = { [group] = 1 } } })).SyncResponse.Changed);
        await Ask(admin, new() { SendMessage = new() { ChannelId = (await scene.OpenChannel()).ToString(), Content = "a forbiddenword" } });

        var direct = (await Ask(admin, new() { CreateConversation = new() { Type = "direct", UserId = bert.Id.ToString() } })).ConversationAnswer.Conversation.Id;
        await Ask(admin, new() { SendMessage = new() { ChannelId = direct, Content = "may I?" } });
        var asked = (await Ask(member, new() { ListConversations = new() { State = "requests" } })).ConversationList.Conversations.Single();
        await Ask(member, new() { AnswerRequest = new() { Id = asked.Request.Id, Answer = RequestAnswer.Accept } });

        await Pushed(moderator, Case.FlaggedEvent, Case.ChannelChangedEvent);
        await Pushed(device, Case.SettingsEvent, Case.NewMessageEvent, Case.ReadEvent, Case.DeliveredEvent, Case.ReactionAddedEvent, Case.ReactionRemovedEvent, Case.TypingEvent, Case.PresenceUpdateEvent);
        await Pushed(member, Case.ConversationEvent, Case.MemberEvent, Case.MessageEditedEvent, Case.MessageDeletedEvent, Case.RequestEvent, Case.UnreadEvent);
        Assert.Empty(OfChat.Select(field => (Case)field.FieldNumber).Except(met));

        async Task<Envelope> Ask(ProtoClient client, Envelope request)
        {
            var answer = await client.Ask(request);
            Assert.True(answer.Error is null, $"{request}: {answer}");
            met.UnionWith([request.PayloadCase, answer.PayloadCase]);
            return answer;
        }

        async Task Pushed(ProtoClient client, params Case[] payloads)
        {
            foreach (var payload in payloads) met.Add((await client.Pushed(push => push.PayloadCase == payload)).PayloadCase);
        }
    }

    [Theory, EachDatabase]
    public async Task Each_request_is_refused_to_nobody_and_to_strangers_and_where_it_means_nothing(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (owner, member, stranger) = (await scene.Listen(scene.Owner), await scene.Listen(anna), await scene.Listen(await scene.Join("stranger")));
        var group = (await scene.Group(anna)).ToString();
        var message = (await owner.Ask(new() { SendMessage = new() { ChannelId = group, Content = "hello" } })).SendMessageResult.MessageId;
        var direct = (await member.Ask(new() { CreateConversation = new() { Type = "direct", UserId = bert.Id.ToString() } })).ConversationAnswer.Conversation.Id;
        await member.Ask(new() { SendMessage = new() { ChannelId = direct, Content = "may I?" } });
        var request = (await (await scene.Listen(bert)).Ask(new() { ListConversations = new() { State = "requests" } })).ConversationList.Conversations.Single().Request.Id;
        var before = await Stored();

        var requests = Requests(group, message, request, bert.Id.ToString()).ToDictionary(one => one.PayloadCase);
        foreach (var field in OfChat.Where(field => !IsFromTheServer(field.Name)))
        {
            var good = requests[(Case)field.FieldNumber];
            await using (var nobody = await ProtoClient.Open(scene.Address)) AssertRefused(401, "unauthorized", null, good, await nobody.Ask(good.Clone()));
            foreach (var (id, meaningless) in Meaningless(field, good)) AssertRefused(400, "validation_failed", id, meaningless, await owner.Ask(meaningless));
            if (field.Name is "create_conversation" or "sync_request" or "set_presence") continue;
            var (hidden, nowhere) = (await stranger.Ask(good.Clone()), await stranger.Ask(Elsewhere(good)));
            AssertRefused(404, "not_found", null, good, hidden);
            Assert.Equal(nowhere.Error, hidden.Error);
        }

        Assert.Equal(before, await Stored());

        Envelope Elsewhere(Envelope good) => Envelope.Parser.ParseJson(new[] { group, message, request }
            .Aggregate(JsonFormatter.Default.Format(good), (json, id) => json.Replace(id, Ids.New(TimeProvider.System).ToString(), StringComparison.Ordinal)));

        Task<string> Stored() => scene.Core.Database.Read(sql => StoredRows.Of(sql, StoredRows.OfConversations));
    }

    private static bool IsFromTheServer(string payload) =>
        payload.EndsWith("_event", StringComparison.Ordinal) || payload is "fetch_history_response" or "send_message_result" or "sync_response" or "ok" or "conversation_list" or "conversation_answer" or "receipt_list";

    private static IEnumerable<Envelope> Requests(string group, string message, string request, string bert) =>
    [
        new() { FetchHistoryRequest = new() { ChannelId = group } },
        new() { SendMessage = new() { ChannelId = group, Content = "hello" } },
        new() { EditMessage = new() { ChannelId = group, MessageId = message, Content = "changed" } },
        new() { DeleteMessage = new() { ChannelId = group, MessageId = message } },
        new() { AddReaction = new() { MessageId = message, Emoji = "like" } },
        new() { RemoveReaction = new() { MessageId = message, Emoji = "like" } },
        new() { MarkRead = new() { ConversationId = group, Sequence = 1 } },
        new() { MarkDelivered = new() { ConversationId = group, Sequence = 1 } },
        new() { Typing = new() { ChannelId = group } },
        new() { SetPresence = new() { Status = PresenceStatus.Online } },
        new() { SyncRequest = new() { Partial = true, Conversations = { [group] = 1 } } },
        new() { ListConversations = new() { ConversationId = group } },
        new() { CreateConversation = new() { Type = "group", Name = "Tea", MemberIds = { bert } } },
        new() { ChangeConversation = new() { ConversationId = group, Name = "Coffee" } },
        new() { ChangeMembers = new() { ConversationId = group, UserId = bert, Action = MemberAction.Add } },
        new() { ChangeSettings = new() { ConversationId = group, Hide = true } },
        new() { AnswerRequest = new() { Id = request, Answer = RequestAnswer.Accept } },
        new() { FetchReceipts = new() { ConversationId = group, MessageId = message } },
    ];

    // With each id in turn made one that is none, whether the request names it or not.
    private static IEnumerable<(string Field, Envelope Request)> Meaningless(FieldDescriptor payload, Envelope good)
    {
        foreach (var field in payload.MessageType.Fields.InDeclarationOrder().Where(field => field is { FieldType: FieldType.String, IsRepeated: false } && field.Name is not "client_id" && field.Name.EndsWith("id", StringComparison.Ordinal)))
        {
            // Of a direct conversation, and this is a group.
            if (payload.Name == "create_conversation" && field.Name == "user_id") continue;
            var changed = good.Clone();
            field.Accessor.SetValue((IMessage)payload.Accessor.GetValue(changed), "x");
            yield return (field.Name, changed);
        }
        if (payload.Name == "sync_request") yield return ("conversations", new Envelope { SyncRequest = new SyncRequest { Conversations = { ["x"] = 1 } } });
        if (payload.Name == "set_presence") yield return ("status", new Envelope { SetPresence = new SetPresence() });
    }

    private static void AssertRefused(uint status, string fault, string? field, Envelope request, Envelope answer) =>
        Assert.True(answer.Error is { } error && error.Code == status && error.Fault == fault && (field is null || error.Field == field), $"{request}: {answer}");
}
