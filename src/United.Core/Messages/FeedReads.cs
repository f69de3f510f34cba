using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// What the realtime floor asks about conversations (<see cref="RealtimeReads"/>): what it missed, where they stand, who may read them.
/// </summary>
internal sealed class FeedReads(Database database, ChangesSince changesSince)
{
    private const string SelectMemberships = """
        select m.user_id, m.conversation_id, m.revision, c.revision
        from conversation_members m join conversations c on c.id = m.conversation_id
        where m.state = 1 and not c.open and c.deleted_at is null
        """;

    public async Task<IReadOnlyList<Missed>> Changes(IReadOnlyDictionary<Guid, long> known, CancellationToken ct) =>
        [.. (await changesSince.Read(known, ct)).Select(Missed)];

    public async Task<IReadOnlyList<Head>> Heads(IReadOnlyList<Guid> conversationIds, CancellationToken ct) =>
        await database.Read(
            sql => sql.All(
                "select id, revision from conversations where id = any(@ids)", row => new Head(row.Uuid(0), row.Int64(1)), ("ids", conversationIds.ToArray())),
            ct);

    public async Task<IReadOnlyList<OpenHead>> OpenHeads(CancellationToken ct) =>
        await database.Read(
            sql => sql.All(
                "select id, revision, own_revision from conversations where open and deleted_at is null",
                row => new OpenHead(row.Uuid(0), row.Int64(1), row.Int64(2))),
            ct);

    public async Task<IReadOnlyList<Membership>> Memberships(IReadOnlyList<Guid> userIds, CancellationToken ct) =>
        await database.Read(
            sql => sql.All(SelectMemberships + " and m.user_id = any(@users)", Membership, ("users", userIds.ToArray())), ct);

    public async Task<IReadOnlyList<Membership>> JoinedSince(long since, CancellationToken ct) =>
        await database.Read(sql => sql.All(SelectMemberships + " and m.joined_at >= @since", Membership, ("since", since)), ct);

    public Task<Readers?> ReadersOf(Guid conversationId, CancellationToken ct) =>
        database.Snapshot(sql => ReadersOf(sql, conversationId), ct);

    private static async Task<Readers?> ReadersOf(Sql sql, Guid conversationId)
    {
        var open = await sql.One(
            "select open from conversations where id = @id and deleted_at is null", row => (bool?)row.Bool(0), ("id", conversationId));
        if (open is null) return null;
        var members = await sql.All(
            "select user_id from conversation_members where conversation_id = @id and state = 1", row => row.Uuid(0), ("id", conversationId));
        return new Readers(open.Value, members.ToHashSet());
    }

    private static Membership Membership(SqlRow row) => new(row.Uuid(0), row.Uuid(1), row.Int64(2), row.Int64(3));

    // Too many to tell: one event of the newest revision, by which clients see that they are behind.
    private static Missed Missed(ConversationChanges changes) => changes.Truncated
        ? new Missed(changes.Head.Id, changes.Head.Revision, Complete: false, [new ConversationUpdated(changes.Head)])
        : new Missed(changes.Head.Id, changes.Head.Revision, Complete: true, [.. changes.Events().OrderBy(told => told.Revision)]);
}
