using System.Text;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// A message on its way into the log. On SQLite it is applied one by one as it stands here; on PostgreSQL <see cref="PostBatch"/> does
/// the same for many texts in one statement, by the same rules, and leaves to this what is rare: messages that bring files or posts, and
/// the first words between two people.
/// </summary>
internal sealed class PostChange(PostDraft draft) : Change<PostResult>(draft.ConversationId)
{
    // Where the answered message lies is compared afterwards: here it would offer a second index to the plan.
    internal const string Judge = """
        select m.state, coalesce(m.last_read_sequence, 0), d.id, d.server_sequence, d.revision, d.timestamp,
            r.conversation_id, r.server_sequence, r.sender_id, r.content, r.deleted
        from (select 1 as one) one
        left join conversation_members m on m.conversation_id = @conversation and m.user_id = @sender
        left join messages d on d.send_key = @send_key
        left join messages r on r.id = @reply
        """;

    private static readonly BatchSort Texts = new(connection => new PostBatch(connection));

    public PostDraft Draft => draft;

    internal override BatchSort? Sort => draft.IsText ? Texts : null;

    public override int Size { get; } = 150 + Encoding.UTF8.GetByteCount(draft.Content) + (draft.Envelope?.Length ?? 0) + (100 * draft.MediaIds.Count);

    public override async Task<Result<PostResult>> Apply(Sql sql, ConversationHead head)
    {
        var seen = (await sql.One(Judge, row => Map(row), ("conversation", ConversationId), ("sender", draft.SenderId),
            ("send_key", draft.SendKey), ("reply", draft.ReplyToId)))!;
        if (seen.First is not null) return seen.First;
        if (Verdict(head, seen) is var verdict && verdict != PostVerdict.Ok) return verdict.Refusal();
        var other = head.Conversation.Kind == ConversationKind.Direct ? await Counterpart.Of(sql, head, draft.SenderId) : null;
        if (other?.Verdict is { } stance and not PostVerdict.Ok) return stance.Refusal();
        if (!(await Attached.Find(sql, draft)).TryGet(out var attached, out var refusal)) return refusal;
        var message = await Write(sql, head, seen, attached);
        head.Tell(new MessagePosted(message, head.Open));
        if (other is not null) await other.Wrote(sql, head, draft.Timestamp);
        await WatermarkStore.Sent(sql, head, message, seen.LastRead);
        if (draft.Flagged) head.Tell(new MessageFlagged(ConversationId, draft.Id, message.Revision));
        // Its sender may see what the event does not show.
        return draft.Result(attached.Post is { } shared ? message with { SharedPost = shared.Preview } : message);
    }

    private async Task<Message> Write(Sql sql, ConversationHead head, Seen seen, Attached attached)
    {
        var message = draft.Stored(head.NextSequence(draft.Id, draft.Timestamp), head.NextRevision(), seen.Reply) with
        {
            Media = attached.Media,
            // The event is the same for all who hear it, and some of them may not read the channel.
            SharedPost = attached.Post is { Open: true } post ? post.Preview : null,
        };
        await MessageStore.Insert(sql, message, draft.SendKey, draft.Envelope);
        await MessageMediaRows.Insert(sql, message);
        await MessageStore.Mention(sql, ConversationId, message.Sequence, draft.AllMentions(seen.Reply?.SenderId));
        return message;
    }

    private PostVerdict Verdict(ConversationHead head, Seen seen) =>
        !head.Open && !seen.IsMember ? PostVerdict.NotFound
        : head.Conversation.Kind == ConversationKind.Dm ? PostVerdict.Encrypted
        : head.Conversation.ReadOnly && !draft.MayWriteReadOnly ? PostVerdict.ReadOnly
        : draft.ReplyToId is not null && seen.Reply is null ? PostVerdict.ReplyUnknown
        : PostVerdict.Ok;

    private Seen Map(SqlRow row) => new(
        !row.IsNull(0) && row.Int32(0) == (int)MemberState.Member,
        row.Int64(1),
        row.IsNull(2) ? null : draft.First(row.Uuid(2), row.Int64(3), row.Int64(4), row.Int64(5)),
        row.UuidOrNull(6) != ConversationId ? null : new ReplyPreview(draft.ReplyToId!.Value, row.Int64(7), row.Uuid(8), Excerpt.Of(row.Text(9)), row.Bool(10)));

    private sealed record Seen(bool IsMember, long LastRead, PostResult? First, ReplyPreview? Reply);
}

/// <summary>Numbers of the statement in <see cref="PostBatch"/>.</summary>
internal enum PostVerdict
{
    Ok = 0,
    NotFound = 1,
    Encrypted = 2,
    ReadOnly = 3,
    ReplyUnknown = 4,

    /// <summary>By a block, in whichever direction, or because the other takes no new conversations.</summary>
    Blocked = 5,

    /// <summary>The other has not accepted yet, or has declined: nobody can tell which.</summary>
    RequestLimit = 6,

    /// <summary>Between these two people something has to be judged, or written, that the statement leaves to <see cref="PostChange"/>.</summary>
    Apart = 7,
}

internal static class PostVerdicts
{
    public static Refusal Refusal(this PostVerdict verdict) => verdict switch
    {
        PostVerdict.NotFound => Fault.NotFound,
        PostVerdict.Encrypted => Fault.EncryptedConversation,
        PostVerdict.ReadOnly => Fault.ReadOnly,
        PostVerdict.Blocked => Fault.Forbidden,
        PostVerdict.RequestLimit => Fault.RequestLimit,
        PostVerdict.ReplyUnknown => Core.Refusal.Invalid("reply_to_id", "no such message in this conversation"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
