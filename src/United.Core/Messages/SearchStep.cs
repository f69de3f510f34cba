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

    public const int MostConversations = 100;

    // Any number, the same in every version.
    private const long Lock = 0x756E69746565;

    // On SQLite a step holds the one writer: about 10 ms for this many messages.
    private const int RowsOnSqlite = 200;
    private const int RowsOnPostgres = 500;

    // About a millisecond of PostgreSQL's time.
    private const int Slice = 500;

    private const string Further = "on conflict (conversation_id) do update set revision = excluded.revision";

    // Encrypted messages are not for searching.
    private const string IsBehind = "c.revision > coalesce(p.revision, 0) and c.kind <> 4 and c.deleted_at is null";

    private static readonly ChangedRows<Row> Changed = new(
        "messages", "x", "x.conversation_id, x.id, x.sender_id, x.content, x.timestamp, x.type, x.revision", "", Map, RevisedMessages.Select);

    /// <summary>Whoever writes the index holds this lock until the end of the transaction.</summary>
    public static Task<bool> TryLock(Sql sql) => sql.TryLock(Lock);

    /// <summary>The next conversations by id, and which of them the index is behind: many are looked through in slices, so that none takes long.</summary>
    /// <returns>The last one looked at is null at the end.</returns>
    public static async Task<(Guid[] Behind, Guid? Last)> LookThrough(Sql sql, Guid after)
    {
        var seen = await sql.All($"""
            select id, behind, place from (
                select c.id, {IsBehind} as behind, row_number() over (order by c.id) as place
                from (select * from conversations where id > @after order by id limit {Slice}) c left join search_progress p on p.conversation_id = c.id) seen
            where behind or place = {Slice} order by place
            """, row => (Id: row.Uuid(0), Behind: row.Bool(1), Place: row.Int64(2)), ("after", after));
        return ([.. seen.Where(one => one.Behind).Select(one => one.Id)], seen is [.., { Place: Slice } last] ? last.Id : null);
    }

    /// <param name="conversationIds">At most <see cref="MostConversations"/>.</param>
    /// <param name="rest">
    /// Awaited on PostgreSQL between the pieces of a step that takes all there is: the transaction then stays open for half a second at
    /// most, and holds nothing that the log needs. Who is behind by more than a step writes it at once.
    /// </param>
    public static async Task<Outcome> Take(Sql sql, Guid[] conversationIds, Func<Task> rest)
    {
        if (!await TryLock(sql)) return Outcome.Elsewhere;
        var behind = await Behind(sql, conversationIds);
        if (behind.Count == 0) return Outcome.Done;
        // What the index has, and how far it came, are lost together or not at all; and who writes the log need not wait behind its flush.
        await sql.CommitWithoutDisk();
        var most = sql.IsPostgres ? RowsOnPostgres : RowsOnSqlite;
        var taken = behind[..Fitting(behind, most)];
        var rows = await Changed.Read(sql, [.. taken.Select(one => one.Id)], [.. taken.Select(one => one.Indexed)], most);
        var more = rows.Count >= most || taken.Count < behind.Count;
        await SearchIndex.Put(sql, [.. rows.Select(row => row.Shown)], more ? null : rest);
        var read = rows.ToLookup(row => row.Shown.ConversationId, row => row.Revision);
        await Note(sql, [.. taken.Select(one => (one.Id, read[one.Id].Count() < most ? one.Head : read[one.Id].Max()))]);
        return more ? Outcome.Stepped : Outcome.Done;
    }

    // How many of them have together no more changes than a step takes, and so no more messages; at least one.
    private static int Fitting(List<(Guid Id, long Head, long Indexed)> behind, int most)
    {
        var (count, changes) = (0, 0L);
        while (count < behind.Count && (changes += behind[count].Head - behind[count].Indexed) <= most) count++;
        return Math.Max(1, count);
    }

    // The heads are read before the rows: what is stamped in between is read twice, never missed.
    private static Task<List<(Guid Id, long Head, long Indexed)>> Behind(Sql sql, Guid[] conversationIds) =>
        sql.All($"""
            select c.id, c.revision, coalesce(p.revision, 0) from conversations c left join search_progress p on p.conversation_id = c.id
            where {IsBehind} and c.id = any(@ids)
            """, row => (row.Uuid(0), row.Int64(1), row.Int64(2)), ("ids", conversationIds));

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

    // Deleted ones have no text. What the system says is not searched.
    private static Row Map(SqlRow row) => new(
        new SearchRow(row.Uuid(0), row.Uuid(1), row.Uuid(2), row.Int32(5) == (int)MessageType.System ? "" : SearchText.Fold(row.Text(3)), row.Int64(4)),
        row.Int64(6));

    private readonly record struct Row(SearchRow Shown, long Revision);
}
