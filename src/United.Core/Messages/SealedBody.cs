using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>What a message of type encrypted holds instead of content: bytes that nobody here can read, and nobody here looks into.</summary>
/// <param name="Payload">Empty once the message is deleted.</param>
/// <param name="SentAt">The sender's clock, Unix milliseconds.</param>
public sealed record SealedBody(Guid RecipientId, byte[] Payload, byte[] Nonce, byte[] EphemeralKey, long SentAt);

/// <summary>The columns of <c>messages</c> that only those of type encrypted have.</summary>
internal static class SealedRows
{
    /// <summary>Of payloads in one answer. A page of history never reaches it; whatever does reads the rest page by page.</summary>
    public const int MostBytes = 16 << 20;

    // The pair knows under which key somebody wrote: their account may have another one now.
    private const string Select = """
        select id, sender_key, recipient_id, payload, nonce, ephemeral_pubkey, sent_at from (
            select x.id, case when p.low_user_id = x.sender_id then p.low else p.high end as sender_key,
                case when p.low_user_id = x.sender_id then p.high_user_id else p.low_user_id end as recipient_id,
                x.payload, x.nonce, x.ephemeral_pubkey, x.sent_at,
                sum(length(x.payload)) over (order by x.id rows unbounded preceding) as total
            from messages x join direct_pairs p on p.conversation_id = x.conversation_id
            where x.id = any(@ids)) bodies
        where total <= @most
        """;

    private const string InsertMessage = """
        insert into messages (conversation_id, server_sequence, id, sender_id, send_key, client_id, type, content, revision, timestamp,
            payload, nonce, ephemeral_pubkey, sent_at, client_key)
        values (@conversation, @sequence, @id, @sender, @send_key, @client_id, @type, '', @revision, @timestamp,
            @payload, @nonce, @ephemeral, @sent, @client_key)
        """;

    /// <returns>The messages with their bodies, in the same order; those that no longer fit into <see cref="MostBytes"/> stay without.</returns>
    public static async Task<List<Message>> Complete(Sql sql, List<Message> messages)
    {
        Guid[] ids = [.. messages.Where(message => message.Type == MessageType.Encrypted).Select(message => message.Id)];
        if (ids.Length == 0) return messages;
        var bodies = (await sql.All(Select, row => (Id: row.Uuid(0), Key: row.Bytes(1), Body: Map(row)), ("ids", ids), ("most", (long)MostBytes)))
            .ToDictionary(row => row.Id);
        return messages.ConvertAll(message => bodies.TryGetValue(message.Id, out var found)
            ? message with { SenderPublicKey = PublicKeys.Hex(found.Key), Sealed = found.Body }
            : message);
    }

    public static Task<int> Insert(Sql sql, Message message, SealedBody body, Guid sendKey, Guid? clientKey) => sql.Execute(InsertMessage,
        ("conversation", message.ConversationId), ("sequence", message.Sequence), ("id", message.Id), ("sender", message.SenderId), ("send_key", sendKey),
        ("client_id", message.ClientId), ("type", (int)message.Type), ("revision", message.Revision), ("timestamp", message.Timestamp),
        ("payload", body.Payload), ("nonce", body.Nonce), ("ephemeral", body.EphemeralKey), ("sent", body.SentAt), ("client_key", clientKey));

    /// <summary>The message is deleted: nothing of what it said stays, and nobody is offered it any more.</summary>
    public static async Task Clear(Sql sql, Guid conversationId, Guid messageId)
    {
        await sql.Execute("update messages set payload = @nothing where id = @id", ("nothing", Array.Empty<byte>()), ("id", messageId));
        await sql.Execute("""
            delete from dm_offline_queue where message_id = @id and recipient_id in (select user_id from conversation_members where conversation_id = @conversation)
            """, ("id", messageId), ("conversation", conversationId));
    }

    private static SealedBody Map(SqlRow row) => new(row.Uuid(2), row.Bytes(3), row.Bytes(4), row.Bytes(5), row.Int64(6));
}
