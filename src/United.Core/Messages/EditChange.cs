using System.Text;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// New words for a message, by its sender. Mentions and flag follow the new words; a signature goes, since it was over the old.
/// </summary>
internal sealed class EditChange(Caller caller, EditMessage request, bool flagged, long at) : Change<Message>(request.ConversationId)
{
    private readonly IReadOnlyList<Mention> _mentions = Mentions.In(request.Content, caller.May(Permissions.MentionEveryone));

    public override int Size { get; } = 200 + Encoding.UTF8.GetByteCount(request.Content);

    public override async Task<Result<Message>> Apply(Sql sql, ConversationHead head)
    {
        if (await MessageAtHand.Find(sql, head, request.MessageId, caller.UserId) is not { } found) return Fault.NotFound;
        if (Refuse(head.Conversation, found) is { } fault) return fault;
        if (PostRules.Content(request.Content, found.Type) is { } refusal) return refusal;
        if (await Counterpart.Refuses(sql, head, caller.UserId) is { } silenced) return silenced;
        var revision = head.NextRevision();
        await sql.Execute("""
            update messages set content = @content, edited_at = @at, flagged = @flagged, signature = null, envelope = null, revision = @revision
            where conversation_id = @conversation and server_sequence = @sequence
            """, ("content", request.Content), ("at", at), ("flagged", flagged), ("revision", revision),
            ("conversation", ConversationId), ("sequence", found.Sequence));
        await MessageStore.Forget(sql, ConversationId, found.Sequence, last: MentionKind.Everyone);
        await MessageStore.Mention(sql, ConversationId, found.Sequence, _mentions);
        head.Tell(new MessageEdited(ConversationId, revision, head.Open, found.Id, request.Content, at,
            Mentions.Of(MentionKind.User, _mentions), Mentions.Of(MentionKind.Role, _mentions)));
        if (flagged && !found.Flagged) head.Tell(new MessageFlagged(ConversationId, found.Id, revision));
        return (await MessageRows.ByIds(sql, [found.Id], caller.UserId))[0];
    }

    private Fault? Refuse(Conversation conversation, MessageAtHand found) =>
        conversation.Kind == ConversationKind.Dm ? Fault.EncryptedConversation
        : !found.IsBy(caller.UserId) ? Fault.Forbidden
        : conversation.ReadOnly && !caller.May(Permissions.ManageChannels) ? Fault.ReadOnly
        : null;
}
