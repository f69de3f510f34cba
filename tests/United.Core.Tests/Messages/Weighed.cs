using SQLitePCL;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Tests.Messages;

/// <summary>
/// A change, and how much it makes its lane's database do: on PostgreSQL the rows that are read, on SQLite the turns of its machine. The
/// numbers are comparable with their like alone.
/// </summary>
internal sealed class Weighed<T>(Change<T> change) : Change<long>(change.ConversationId)
{
    public override IReadOnlyList<Guid> MemberIds => change.MemberIds;

    public override async Task<Result<long>> Apply(Sql sql, ConversationHead head)
    {
        var (result, weight) = sql is SqliteSql sqlite ? await Turns(sqlite, head) : await Rows(sql, head);
        return result.TryGet(out _, out var refusal) ? weight : refusal;
    }

    private async Task<(Result<T>, long)> Turns(SqliteSql sql, ConversationHead head)
    {
        var turns = 0L;
        raw.sqlite3_progress_handler(sql.Connection.Handle!, 1, _ => Count(ref turns), null);
        var result = await change.Apply(sql, head);
        raw.sqlite3_progress_handler(sql.Connection.Handle!, 0, null, null);
        return (result, turns);
    }

    // Anything but 0 would end the statement.
    private static int Count(ref long turns)
    {
        turns++;
        return 0;
    }

    private async Task<(Result<T>, long)> Rows(Sql sql, ConversationHead head)
    {
        var before = await RowsRead(sql);
        var result = await change.Apply(sql, head);
        return (result, await RowsRead(sql) - before);
    }

    private static Task<long> RowsRead(Sql sql) =>
        sql.Count("select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_xact_user_tables");
}
