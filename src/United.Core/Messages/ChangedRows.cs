using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// The rows of one table that were stamped above a revision, for many conversations: one statement on PostgreSQL. SQLite knows no
/// lateral joins, and there a statement costs no round trip.
/// </summary>
/// <param name="alias">What columns and joins call the table.</param>
/// <param name="onSqlite">How its rows are found there, if not by an index of their revisions.</param>
internal sealed class ChangedRows<T>(string table, string alias, string columns, string joins, Func<SqlRow, T> map, string? onSqlite = null)
{
    private readonly string _postgres = $"""
        select {columns} from unnest(@ids, @since) k(id, since) cross join lateral (
            select * from {table} t where t.conversation_id = k.id and t.revision > k.since order by t.revision limit @most) {alias} {joins}
        """;

    private readonly string _sqlite = $"""
        select {columns} from (
            {onSqlite ?? $"select * from {table} t where t.conversation_id = @id and t.revision > @since order by t.revision limit @most"}) {alias} {joins}
        """;

    /// <param name="most">Of each conversation, the lowest revisions first.</param>
    public async Task<List<T>> Read(Sql sql, Guid[] ids, long[] since, int most)
    {
        if (sql.IsPostgres) return await sql.All(_postgres, map, ("ids", ids), ("since", since), ("most", most));
        var rows = new List<T>();
        for (var i = 0; i < ids.Length; i++) rows.AddRange(await sql.All(_sqlite, map, ("id", ids[i]), ("since", since[i]), ("most", most)));
        return rows;
    }
}
