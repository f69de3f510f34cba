using United.Core.Messages;

namespace United.Core.DirectMessages;

/// <summary>
/// The statements of <see cref="DmBatch"/>, made like those of posts. Either all messages are written or none; the answer says which ones
/// could not be, and <see cref="PostDm"/> finds out why.
/// </summary>
internal static class DmStatement
{
    /// <summary>Rows that never change.</summary>
    public const string Pairs = "select conversation_id, low_user_id, low, high_user_id, high from direct_pairs where kind = 4 and conversation_id = any($1)";

    public static readonly string Write = $"""
        with judged as (
            select {PostStatement.Seen}, {PostStatement.Next}, greatest(i.now, c.last_message_at) as timestamp,
                case when m.state is distinct from 1 or d.id is not null or {Repeated} or {Rekeyed} or {PostStatement.Unsettled} or {PostStatement.Passed}
                    or {OfflineQueue.MayBeFull} then false else true end as is_fresh
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) with ordinality as i (conversation_id, sender_id, recipient_id,
                sender_key, recipient_key, id, send_key, client_id, client_key, payload, nonce, ephemeral_pubkey, sent_at, now, flags, nth, own, ord)
            {PostStatement.LookUps} cross join lateral (select i.recipient_id as user_id) o offset 0),
        fresh as (
            select bool_and(is_fresh) as every from judged),
        stored as (
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, client_id, type, content, revision, timestamp,
                payload, nonce, ephemeral_pubkey, sent_at, client_key)
            select conversation_id, sequence, id, sender_id, send_key, client_id, 5, '', revision, timestamp,
                payload, nonce, ephemeral_pubkey, sent_at, client_key from judged where (select every from fresh)),
        {PostStatement.Moved}
        select is_fresh, (select every from fresh), sequence, revision, timestamp, d_id, d_sequence, d_revision, d_timestamp, d_changed
        from judged order by ord
        """;

    private const string Repeated =
        "(i.client_key is not null and (select 1 from messages k where k.client_key = i.client_key limit 1) is not null)";

    private const string Rekeyed = """
        (select 1 from users u where u.id = i.sender_id and u.public_key = i.sender_key limit 1) is null
                    or (select 1 from users u where u.id = i.recipient_id and u.public_key = i.recipient_key limit 1) is null
        """;
}
