using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// One step of the follower: some of the messages that changed since the index saw their conversations last, indexed in one
/// transaction that also notes how far it came.
/// </summary>
internal static class SearchStep
{
    public enum Outcome
    {
        /// <summary>There may be more.</summary>
        Stepped,

        /// <summary>The index has what there was when the step began.</summary>
        Done,

        /// <summary>Another node is at it.</summary>
        Elsewhere,
    }

    // Any number, the same in every version.
    private const long Lock = 0x756E69746565;

    // On SQLite a step holds the one writer: about 10 ms for this many messages.
    private const int RowsOnSqlite = 200;
    private const int RowsOnPostgres = 500;
    private const int MostConversations = 100;

    private const string Further = "on conflict (conversation_id) do update set revision = excluded.revision";

    // Encrypted messages are not for searching.
    private const string SelectBehind = """
        select c.id, c.revision, coalesce(p.revision, 0) from conversations c left join search_progress p on p.conversation_id = c.id
        where c.revision > coalesce(p.revision, 0) and c.kind <> 4 and c.deleted_at is null
        """;

    private static readonly ChangedRows<Row> Changed = new(
        "messages", "x", "x.conversation_id, x.id, x.sender_id, x.content, x.timestamp, x.type, x.revision", "", Map, RevisedMessages.Select);

    /// <summary>Whoever writes the index holds this lock until the end of the transaction.</summary>
    public static Task<bool> TryLock(Sql sql) => sql.TryLock(Lock);

    public static async Task<Outcome> Take(Sql sql, Guid[]? conversationIds)
    {
        if (!await TryLock(sql)) return Outcome.Elsewhere;
        var behind = await Behind(sql, conversationIds);
        if (behind.Count == 0) return Outcome.Done;
        // What the index has, and how far it came, are lost together or not at all; and who writes the log need not wait behind its flush.
        await sql.CommitWithoutDisk();
        var most = (sql.IsPostgres ? RowsOnPostgres : RowsOnSqlite) / behind.Count;
        var rows = await Changed.Read(sql, [.. behind.Select(one => one.Id)], [.. behind.Select(one => one.Indexed)], most);
        await SearchIndex.Put(sql, [.. rows.Select(row => row.Shown)]);
        var read = rows.ToLookup(row => row.Shown.ConversationId, row => row.Revision);
        await Note(sql, [.. behind.Select(one => (one.Id, read[one.Id].Count() < most ? one.Head : read[one.Id].Max()))]);
        return behind.Count < MostConversations && read.All(one => one.Count() < most) ? Outcome.Done : Outcome.Stepped;
    }

    // The heads are read before the rows: what is stamped in between is read twice, never missed.
    private static Task<List<(Guid Id, long Head, long Indexed)>> Behind(Sql sql, Guid[]? conversationIds) =>
        conversationIds is { } ids
            ? sql.All($"{SelectBehind} and c.id = any(@ids) limit {MostConversations}", MapBehind, ("ids", ids))
            : sql.All($"{SelectBehind} limit {MostConversations}", MapBehind);

    // A statement for each costs SQLite nothing; PostgreSQL would be asked fifty times.
    private static async Task Note(Sql sql, (Guid ConversationId, long Revision)[] reached)
    {
        if (sql.IsPostgres)
            await sql.Execute($"insert into search_progress (conversation_id, revision) select * from unnest(@ids, @revisions) {Further}",
                ("ids", Array.ConvertAll(reached, one => one.ConversationId)), ("revisions", Array.ConvertAll(reached, one => one.Revision)));
        else
            foreach (var (conversationId, revision) in reached)
                await sql.Execute($"insert into search_progress (conversation_id, revision) values (@id, @revision) {Further}", ("id", conversationId), ("revision", revision));
    }

    private static (Guid, long, long) MapBehind(SqlRow row) => (row.Uuid(0), row.Int64(1), row.Int64(2));

    // Deleted ones have no text. What the system says is not searched.
    private static Row Map(SqlRow row) => new(
        new SearchRow(row.Uuid(0), row.Uuid(1), row.Uuid(2), row.Int32(5) == (int)MessageType.System ? "" : SearchText.Fold(row.Text(3)), row.Int64(4)),
        row.Int64(6));

    private sealed record Row(SearchRow Shown, long Revision);
}
