using System.Collections.Concurrent;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>
/// What several people do to two conversations, a few things at a time. At the end the conversations must be what their events,
/// heard from the first on, tell them to be.
/// </summary>
internal sealed class LogHistory(LogScene scene, Caller[] people, Guid[] conversations)
{
    private static readonly string[] Emoji = ["👍", "tada", "+1"];

    private readonly ConcurrentDictionary<Guid, ConcurrentQueue<Guid>> _messages = new(conversations.Select(id => KeyValuePair.Create(id, new ConcurrentQueue<Guid>())));

    public static async Task<LogHistory> Begin(LogScene scene, Caller[] people) =>
        new(scene, people, [await scene.OpenChannel(), await scene.PrivateChannel(people[..2])]);

    /// <summary>Any number is something that somebody tries to do; some of it will be refused.</summary>
    public Task Do(int step)
    {
        var (person, conversation, rest) = (people[step / 10 % people.Length], conversations[step / 40 % 2], step / 80);
        var message = Message(conversation, rest);
        return (step % 10) switch
        {
            0 or 1 => Post(person, new PostMessage(conversation, $"{step} @user:{people[rest % people.Length].UserId}", ClientId: $"{rest % 20}")),
            2 => Post(person, new PostMessage(conversation, $"{step}")),
            3 => Post(person, new PostMessage(conversation, $"{step}", ReplyToId: message)),
            4 => scene.Log.Edit(person, new EditMessage(conversation, message, $"edited {step}")),
            5 => scene.Log.Delete(person, new DeleteMessage(conversation, message)),
            6 => scene.Log.React(person, new AddReaction(message, Emoji[rest % 3])),
            7 => scene.Log.React(person, new AddReaction(message, Emoji[rest % 3], Toggle: true)),
            8 => scene.Log.MarkRead(person, new MoveWatermark(conversation, rest % 30)),
            _ => scene.Log.Append(new SetMember(conversation, people[rest % people.Length], (MemberState)(rest % 3)), default),
        };
    }

    public async Task End()
    {
        foreach (var conversation in conversations)
        {
            await AssertOneEventForEachRevision(conversation);
            await AssertIsWhatWasTold(conversation);
        }
    }

    private async Task Post(Caller person, PostMessage post)
    {
        var result = await scene.Log.Post(person, post);
        if (result.Ok) _messages[post.ConversationId].Enqueue(result.Value.MessageId);
    }

    private Guid Message(Guid conversation, int number)
    {
        var known = _messages[conversation].ToArray();
        return known.Length == 0 ? conversation : known[number % known.Length];
    }

    private async Task AssertOneEventForEachRevision(Guid conversation)
    {
        var head = await scene.Count("select revision from conversations where id = @id", ("id", conversation));
        Assert.Equal(Enumerable.Range(1, (int)head).Select(n => (long)n), scene.Bus.Of(conversation).Select(told => told.Revision));
        var stamps = await scene.Database.Read(sql => sql.All("""
            select revision from messages where conversation_id = @id
            union all select r.revision from reactions r where r.conversation_id = @id
            union all select revision from conversation_members where conversation_id = @id and revision > 0
            """, row => row.Int64(0), ("id", conversation)));
        Assert.Distinct(stamps);
        Assert.All(stamps, stamp => Assert.InRange(stamp, 1, head));
        var numbers = await scene.Database.Read(sql => sql.All(
            "select server_sequence from messages where conversation_id = @id order by 1", row => row.Int64(0), ("id", conversation)));
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
    }

    private async Task AssertIsWhatWasTold(Guid conversation)
    {
        var told = new ToldMessages();
        foreach (var change in scene.Bus.Of(conversation)) told.Hear(change);
        var stored = await scene.Database.Read(sql => MessageRows.ByIds(sql, [.. told.Messages.Keys]));
        Assert.Equal(told.Messages.Count, stored.Count);
        foreach (var message in stored)
        {
            var heard = told.Messages[message.Id];
            Assert.Equal((heard.Sequence, heard.Content, heard.Deleted, heard.EditedAt), (message.Sequence, message.Content, message.Deleted, message.EditedAt));
            Assert.Equal(heard.MentionUserIds, message.MentionUserIds);
            Assert.Equal(heard.Reactions.Select(Shown).Order(), message.Reactions.Select(Shown).Order());
        }
    }

    private static string Shown(Reaction reaction) => $"{reaction.UserId} {reaction.Emoji} {reaction.Revision}";

    /// <summary>A client that knows nothing but what it hears.</summary>
    private sealed class ToldMessages
    {
        public Dictionary<Guid, Message> Messages { get; } = [];

        public void Hear(ConversationEvent told)
        {
            switch (told)
            {
                case MessagePosted posted:
                    Messages.Add(posted.Message.Id, posted.Message);
                    break;
                case MessageEdited edited:
                    Messages[edited.MessageId] = Messages[edited.MessageId] with { Content = edited.NewContent, EditedAt = edited.EditedAt, MentionUserIds = edited.MentionUserIds };
                    break;
                case MessageDeleted deleted:
                    Messages[deleted.MessageId] = Messages[deleted.MessageId] with { Content = "", Deleted = true, MentionUserIds = [], Reactions = [] };
                    break;
                case ReactionAdded added:
                    var bearer = Messages[added.Reaction.MessageId];
                    Messages[bearer.Id] = bearer with { Reactions = [.. bearer.Reactions, added.Reaction] };
                    break;
                case ReactionRemoved removed:
                    var before = Messages[removed.MessageId];
                    var left = before.Reactions.Where(reaction => reaction.UserId != removed.UserId || reaction.Emoji != removed.Emoji).ToArray();
                    Assert.Equal(before.Reactions.Count - 1, left.Length);
                    Messages[before.Id] = before with { Reactions = left };
                    break;
            }
        }
    }
}
