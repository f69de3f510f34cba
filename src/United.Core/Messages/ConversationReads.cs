using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>What the realtime floor asks about conversations (<see cref="RealtimeReads"/>).</summary>
public sealed class ConversationReads(Database database)
{
    private readonly ChangesSince _changes = new(database);

    public async Task<IReadOnlyList<Missed>> ChangesSince(IReadOnlyDictionary<Guid, long> known, CancellationToken ct) =>
        [.. (await _changes.Read(known, ct)).Select(change => new Missed(change.Head.Id, change.Head.Revision, !change.Truncated, change.Events()))];

    public async Task<IReadOnlyList<Head>> Heads(IReadOnlyList<Guid> conversationIds, CancellationToken ct) =>
        await database.Read(sql => sql.All("select id, revision from conversations where id = any(@ids)", MapHead, ("ids", conversationIds.ToArray())), ct);

    public async Task<IReadOnlyList<Head>> OpenHeads(CancellationToken ct) =>
        await database.Read(sql => sql.All("select id, revision from conversations where open and deleted_at is null", MapHead), ct);

    /// <summary>Of conversations that are not open; open ones everybody reads.</summary>
    public async Task<IReadOnlyList<Membership>> Memberships(IReadOnlyList<Guid> userIds, CancellationToken ct) =>
        await database.Read(sql => sql.All("""
            select m.user_id, c.id, m.revision, c.revision from conversation_members m join conversations c on c.id = m.conversation_id
            where m.user_id = any(@users) and m.state = 1 and not c.open and c.deleted_at is null
            """, row => new Membership(row.Uuid(0), row.Uuid(1), row.Int64(2), row.Int64(3)), ("users", userIds.ToArray())), ct);

    /// <returns>Null for a conversation that does not exist, or is gone.</returns>
    public Task<Readers?> ReadersOf(Guid conversationId, CancellationToken ct) =>
        database.Snapshot(async sql =>
        {
            var open = await sql.All("select open from conversations where id = @id and deleted_at is null", row => row.Bool(0), ("id", conversationId));
            if (open is not [var isOpen]) return null;
            var members = isOpen ? [] : await sql.All(
                "select user_id from conversation_members where conversation_id = @id and state = 1", row => row.Uuid(0), ("id", conversationId));
            return new Readers(isOpen, members.ToHashSet());
        }, ct);

    private static Head MapHead(SqlRow row) => new(row.Uuid(0), row.Int64(1));
}
