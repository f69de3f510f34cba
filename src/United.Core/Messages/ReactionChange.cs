using United.Core.Storage;

namespace United.Core.Messages;

internal enum ReactionAct
{
    Add,
    Remove,

    /// <summary>Adds it, or takes it back if it stands.</summary>
    Toggle,
}

/// <summary>
/// Puts a reaction on a message or takes it back. A reaction stamps its own row; one taken back stays as removed. What stands
/// already (or is gone already) changes nothing.
/// </summary>
internal sealed class ReactionChange(Caller caller, Guid conversationId, Guid messageId, string emoji, ReactionAct act, long at)
    : Change<ReactionResult>(conversationId)
{
    public override async Task<Result<ReactionResult>> Apply(Sql sql, ConversationHead head)
    {
        if (await MessageAtHand.Find(sql, head, messageId, caller.UserId) is not { } found) return Fault.NotFound;
        if (head.Conversation.Kind == ConversationKind.Dm) return Fault.EncryptedConversation;
        var rows = await ReactionRows.Of(sql, [messageId]);
        var stands = rows.Find(row => !row.Removed && IsThis(row.Reaction));
        if (act != ReactionAct.Add && stands is not null) return await TakeBack(sql, head, rows, stands.Reaction);
        if (act == ReactionAct.Remove || stands is not null) return Unchanged(rows);
        if (await Counterpart.Refuses(sql, head, caller.UserId, answers: true) is { } silenced) return silenced;
        return ReactionRules.Refuse(head.Conversation.Kind, caller.UserId, emoji, rows) is { } refusal
            ? refusal
            : await Put(sql, head, found, rows);
    }

    private async Task<ReactionResult> Put(Sql sql, ConversationHead head, MessageAtHand found, List<ReactionRow> rows)
    {
        var standing = Standing(rows);
        var replaced = ReactionRules.Replaces(head.Conversation.Kind) ? standing.Find(reaction => reaction.UserId == caller.UserId) : null;
        if (replaced is not null) standing = [.. (await TakeBack(sql, head, rows, replaced)).Reactions];
        var reaction = new Reaction(messageId, ConversationId, caller.UserId, caller.PublicKey, emoji, at, head.NextRevision());
        await sql.Execute("""
            insert into reactions (message_id, user_id, emoji, conversation_id, server_sequence, revision, timestamp)
            values (@message, @user, @emoji, @conversation, @sequence, @revision, @at)
            on conflict (message_id, user_id, emoji) do update set removed = false, revision = excluded.revision, timestamp = excluded.timestamp
            """, ("message", messageId), ("user", caller.UserId), ("emoji", emoji), ("conversation", ConversationId),
            ("sequence", found.Sequence), ("revision", reaction.Revision), ("at", at));
        head.Tell(new ReactionAdded(reaction, head.Open));
        return new ReactionResult(Changed: true, Added: true, reaction.Revision, [.. standing, reaction]);
    }

    private async Task<ReactionResult> TakeBack(Sql sql, ConversationHead head, List<ReactionRow> rows, Reaction reaction)
    {
        var revision = head.NextRevision();
        await sql.Execute("""
            update reactions set removed = true, revision = @revision where message_id = @message and user_id = @user and emoji = @emoji
            """, ("revision", revision), ("message", messageId), ("user", reaction.UserId), ("emoji", reaction.Emoji));
        head.Tell(new ReactionRemoved(ConversationId, revision, head.Open, messageId, reaction.UserId, caller.PublicKey, reaction.Emoji));
        return new ReactionResult(Changed: true, Added: false, revision, [.. Standing(rows).Where(other => other != reaction)]);
    }

    private ReactionResult Unchanged(List<ReactionRow> rows) => new(
        Changed: false, Added: false, rows.Find(row => IsThis(row.Reaction))?.Reaction.Revision ?? 0, Standing(rows));

    private bool IsThis(Reaction reaction) => reaction.UserId == caller.UserId && reaction.Emoji == emoji;

    private static List<Reaction> Standing(List<ReactionRow> rows) => [.. rows.Where(row => !row.Removed).Select(row => row.Reaction)];
}
