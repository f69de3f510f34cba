using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Messages that the server writes in the name of whoever acted: somebody was added, left, changed the name. Written by the change
/// that does the act, in its transaction. They count as unread for nobody.
/// </summary>
internal static class SystemMessages
{
    /// <summary>Numbers, stamps, stores and tells it.</summary>
    public static async Task<Message> Post(Sql sql, ConversationHead head, Caller by, string content, TimeProvider time)
    {
        var conversationId = head.Conversation.Id;
        var (id, at) = (Ids.NewMessage(time, conversationId), time.GetUtcNow().ToUnixTimeMilliseconds());
        var message = new Message
        {
            Id = id,
            ConversationId = conversationId,
            Sequence = head.NextSequence(id, at),
            Revision = head.NextRevision(),
            SenderId = by.UserId,
            SenderDisplayName = by.DisplayName,
            SenderPublicKey = by.PublicKey,
            Type = MessageType.System,
            Content = content,
            Timestamp = at,
        };
        await MessageStore.Insert(sql, message, sendKey: id, envelope: null);
        head.Tell(new MessagePosted(message, head.Open));
        return message;
    }
}
