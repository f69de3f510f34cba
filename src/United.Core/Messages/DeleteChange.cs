using United.Core.Media;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Takes a message back for everybody: by its sender, in channels also by a moderator, in groups by an admin. Number, sender and
/// time stay, and tell readers what to drop. Its reactions go with it and are not told one by one: whoever hears that a message
/// is gone drops what stands on it, so they keep their stamps. Messages elsewhere that shared it lie in conversations that are
/// not locked here: they show nothing of it from now on, and forget it right after (<see cref="SharedPostUpkeep"/>).
/// </summary>
/// <param name="moderated">Out of the moderators' queue: wherever it stands, and whoever wrote it.</param>
internal sealed class DeleteChange(Caller caller, DeleteMessage request, TimeProvider time, bool moderated = false) : Change<long>(request.ConversationId)
{
    public Guid MessageId => request.MessageId;

    /// <returns>Its revision.</returns>
    public override async Task<Result<long>> Apply(Sql sql, ConversationHead head)
    {
        if (await MessageAtHand.Find(sql, head, request.MessageId, caller.UserId, anywhere: moderated) is not { } found) return Fault.NotFound;
        if (!moderated && !found.IsBy(caller.UserId) && !Moderates(head.Conversation.Kind, found)) return Fault.Forbidden;
        var revision = head.NextRevision();
        await sql.Execute("""
            update messages set deleted = true, content = '', signature = null, envelope = null, flagged = false, shared_post_id = null, revision = @revision
            where conversation_id = @conversation and server_sequence = @sequence
            """, ("revision", revision), ("conversation", ConversationId), ("sequence", found.Sequence));
        if (found.Type == MessageType.Encrypted) await SealedRows.Clear(sql, ConversationId, found.Id);
        if (found.Type is MessageType.Media or MessageType.Voice) await MediaRows.Release(sql, [found.Id]);
        await sql.Execute("update reactions set removed = true where message_id = @id and not removed", ("id", found.Id));
        await sql.Execute("delete from message_reports where message_id = @id", ("id", found.Id));
        await MessageStore.Forget(sql, ConversationId, found.Sequence, last: MentionKind.Reply);
        if (found.SenderId != caller.UserId) await Audit.Write(sql, time, caller.UserId, "message.deleted", found.Id);
        head.Tell(new MessageDeleted(ConversationId, revision, head.Open, found.Id, found.Sequence));
        return revision;
    }

    private bool Moderates(ConversationKind kind, MessageAtHand found) => kind switch
    {
        ConversationKind.Channel => caller.May(Permissions.ManageMessages),
        ConversationKind.Group => found.Role == MemberRole.Admin,
        _ => false,
    };
}
