using United.Core.Storage;

namespace United.Core.Messages;

internal enum ReactionAct
{
    Add,
    Remove,

    /// <summary>Adds it, or takes it back if it stands.</summary>
    Toggle,
}

/// <param name="Revision">Of the reaction; 0 where there never was one.</param>
/// <param name="Head">The revision of its conversation as it was done.</param>
internal sealed record ReactionOutcome(bool Changed, bool Added, long Revision, long Head);

/// <summary>
/// Puts a reaction on a message or takes it back. A reaction stamps its own row; one taken back stays as removed. What stands
/// already (or is gone already) changes nothing. Nothing here reads the rows of all who reacted: on a message that thousands have seen, each
/// of them would keep the lane longer than the one before.
/// </summary>
internal sealed class ReactionChange(Caller caller, Guid conversationId, Guid messageId, string emoji, ReactionAct act, long at)
    : Change<ReactionOutcome>(conversationId)
{
    public override async Task<Result<ReactionOutcome>> Apply(Sql sql, ConversationHead head)
    {
        if (await MessageAtHand.Find(sql, head, messageId, caller.UserId) is not { } found) return Fault.NotFound;
        var kind = head.Conversation.Kind;
        if (kind == ConversationKind.Dm) return Fault.EncryptedConversation;
        var own = await ReactionRows.Own(sql, messageId, caller.UserId);
        var before = own.Find(row => row.Emoji == emoji);
        var stands = before is { Removed: false };
        if (act != ReactionAct.Add && stands) return await TakeBack(sql, head, emoji);
        if (act == ReactionAct.Remove || stands) return new ReactionOutcome(Changed: false, Added: false, before?.Revision ?? 0, head.Revision);
        if (await Counterpart.Refuses(sql, head, caller.UserId, answers: true) is { } silenced) return silenced;
        if (ReactionRules.Refuse(kind, emoji, own) is { } refusal) return refusal;
        if (ReactionRules.Replaces(kind)) return await Put(sql, head, found, own.Find(row => !row.Removed));
        return ReactionRules.Refuse(emoji, await ReactionRows.Different(sql, messageId)) is { } full ? full : await Put(sql, head, found, replaced: null);
    }

    private async Task<ReactionOutcome> Put(Sql sql, ConversationHead head, MessageAtHand found, OwnReaction? replaced)
    {
        if (replaced is not null) await TakeBack(sql, head, replaced.Emoji);
        var reaction = new Reaction(messageId, ConversationId, caller.UserId, caller.PublicKey, emoji, at, head.NextRevision());
        await sql.Execute("""
            insert into reactions (message_id, user_id, emoji, conversation_id, server_sequence, revision, timestamp)
            values (@message, @user, @emoji, @conversation, @sequence, @revision, @at)
            on conflict (message_id, user_id, emoji) do update set removed = false, revision = excluded.revision, timestamp = excluded.timestamp
            """, ("message", messageId), ("user", caller.UserId), ("emoji", emoji), ("conversation", ConversationId),
            ("sequence", found.Sequence), ("revision", reaction.Revision), ("at", at));
        head.Tell(new ReactionAdded(reaction, head.Open));
        return new ReactionOutcome(Changed: true, Added: true, reaction.Revision, head.Revision);
    }

    private async Task<ReactionOutcome> TakeBack(Sql sql, ConversationHead head, string standing)
    {
        var revision = head.NextRevision();
        await sql.Execute("""
            update reactions set removed = true, revision = @revision where message_id = @message and user_id = @user and emoji = @emoji
            """, ("revision", revision), ("message", messageId), ("user", caller.UserId), ("emoji", standing));
        head.Tell(new ReactionRemoved(ConversationId, revision, head.Open, messageId, caller.UserId, caller.PublicKey, standing));
        return new ReactionOutcome(Changed: true, Added: false, revision, head.Revision);
    }
}
