using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>The rows of <c>messages</c> and <c>mentions</c> as changes write them, one message at a time.</summary>
internal static class MessageStore
{
    private const string InsertMessage = """
        insert into messages (conversation_id, server_sequence, id, sender_id, send_key, client_id, type, content, reply_to_id, shared_post_id,
            signature, envelope, flagged, late, revision, timestamp)
        values (@conversation, @sequence, @id, @sender, @send_key, @client_id, @type, @content, @reply, @shared,
            @signature, @envelope, @flagged, @late, @revision, @timestamp)
        """;

    private const string InsertMention = """
        insert into mentions (conversation_id, server_sequence, kind, target_id) values (@conversation, @sequence, @kind, @target)
        """;

    private const string DeleteMentions = """
        delete from mentions where conversation_id = @conversation and server_sequence = @sequence and kind <= @last
        """;

    public static Task<int> Insert(Sql sql, Message message, Guid sendKey, byte[]? envelope) =>
        sql.Execute(InsertMessage, ("conversation", message.ConversationId), ("sequence", message.Sequence), ("id", message.Id),
            ("sender", message.SenderId), ("send_key", sendKey), ("client_id", message.ClientId), ("type", (int)message.Type),
            ("content", message.Content), ("reply", message.ReplyToId), ("shared", message.SharedPostId), ("signature", message.Signature), ("envelope", envelope),
            ("flagged", message.Flagged), ("late", message.Late), ("revision", message.Revision), ("timestamp", message.Timestamp));

    public static async Task Mention(Sql sql, Guid conversationId, long sequence, IReadOnlyList<Mention> mentions)
    {
        foreach (var mention in mentions)
            await sql.Execute(InsertMention, ("conversation", conversationId), ("sequence", sequence), ("kind", (int)mention.Kind), ("target", mention.Target));
    }

    /// <param name="last">Kinds up to this one.</param>
    public static Task<int> Forget(Sql sql, Guid conversationId, long sequence, MentionKind last) =>
        sql.Execute(DeleteMentions, ("conversation", conversationId), ("sequence", sequence), ("last", (int)last));
}
