using United.Core.Identity;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// Encrypted conversations: opened for a pair of identity keys, listed. Their messages are <see cref="DmMessages"/>', all else (watermarks,
/// hiding, requests) is as in other conversations.
/// </summary>
public sealed class DmConversations(Database database, MessageLog log, RateLimits limits, TimeProvider time)
{
    /// <summary>In one answer; whoever has more finds the rest in the list of all conversations.</summary>
    public const int Most = 1_000;

    private const string Select = $"""
        select {ConversationRows.Columns}, p.low_user_id, p.low, coalesce(l.display_name, ''), p.high_user_id, p.high, coalesce(h.display_name, ''),
            {ConversationRows.Hidden}, {RequestRows.StateForReader},
            coalesce((select e.count from dm_offline_expired e
                where e.conversation_id = c.id and e.recipient_id = m.user_id and e.last_sequence > {TakenMarks.Reached}), 0)
        from conversation_members m
        join conversations c on c.id = m.conversation_id and c.kind = 4 and c.deleted_at is null
        join direct_pairs p on p.conversation_id = c.id
        left join users l on l.id = p.low_user_id
        left join users h on h.id = p.high_user_id
        where m.user_id = @user and m.state = 1
        """;

    /// <summary>The conversation with whoever has this identity key now, made if there is none yet.</summary>
    public async Task<Result<(DmConversation Conversation, bool Created)>> Open(Caller caller, string recipientKey, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (recipientKey == caller.PublicKey) return Refusal.Invalid("recipient_pubkey", "is your own");
        if (!PublicKeys.Parse(recipientKey, "recipient_pubkey").TryGet(out var key, out var refusal)) return refusal;
        if (await database.Read(sql => sql.One("select id from users where public_key = @key", row => (Guid?)row.Uuid(0), ("key", key)), ct) is not { } recipient)
            return Fault.NotFound;
        var pair = DmPair.Of((caller.UserId, Convert.FromHexString(caller.PublicKey)), (recipient, key));
        var change = new StartDm(Conversation.Draft(ConversationKind.Dm, caller, time), caller.UserId, pair);
        if (await database.Read(change.Existing, ct) is null && await limits.Ask(Limit.Conversation, caller.UserId) is { } tooOften) return tooOften;
        if (!(await log.Append(caller, change, ct)).TryGet(out var found, out refusal)) return refusal;
        var conversation = await database.Snapshot(async sql => await Views(sql, caller.UserId,
            await sql.All(Select + " and c.id = @id", Map, ("user", caller.UserId), ("id", found.Id))), ct);
        return (conversation[0], found.Created);
    }

    /// <summary>The caller's own, the most recent first, those without messages last. What they have hidden or declined is left out.</summary>
    public async Task<Result<IReadOnlyList<DmConversation>>> List(Caller caller, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        return await database.Snapshot<Result<IReadOnlyList<DmConversation>>>(async sql =>
        {
            var listed = (await sql.All(Select, Map, ("user", caller.UserId))).Where(row => row.Listed).OrderByDescending(row => row.Dm.LastMessageAt ?? -1);
            return await Views(sql, caller.UserId, [.. listed.ThenByDescending(row => row.Dm.Id).Take(Most)]);
        }, ct);
    }

    private static async Task<List<DmConversation>> Views(Sql sql, Guid userId, List<(DmConversation Dm, bool Listed)> rows)
    {
        if (rows.Count == 0) return [];
        var states = await UnreadCounts.Of(sql, userId, [.. rows.Select(row => row.Dm.Id)]);
        return rows.ConvertAll(row => row.Dm with { UnreadCount = states[row.Dm.Id].UnreadCount });
    }

    private static (DmConversation Dm, bool Listed) Map(SqlRow row)
    {
        const int Own = ConversationRows.Width;
        var conversation = ConversationRows.Map(row);
        var dm = new DmConversation(conversation.Id, Participant(row, Own), Participant(row, Own + 3),
            conversation.CreatedAt, conversation.LastMessageAt, conversation.LastSequence, ExpiredCount: row.Int64(Own + 8));
        var declined = !row.IsNull(Own + 7) && (RequestState)row.Int32(Own + 7) == RequestState.Declined;
        return (dm, Listed: !row.Bool(Own + 6) && !declined);
    }

    private static DmParticipant Participant(SqlRow row, int first) => new(row.Uuid(first), PublicKeys.Hex(row.Bytes(first + 1)), row.Text(first + 2));
}
