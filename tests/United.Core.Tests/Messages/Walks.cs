using SQLitePCL;
using United.Core.Storage;
using United.Testing;

namespace United.Core.Tests.Messages;

/// <summary>
/// Which tables are walked over whole by what somebody does. SQLite is asked for the plan of every statement that was prepared;
/// PostgreSQL counts what it really did, so that there the plans count that it changed to after a few runs.
/// </summary>
internal static class Walks
{
    // More often than there are connections: they are handed out in turn.
    private const int EachConnection = 16;

    /// <param name="work">Gets an opening of the database of its own.</param>
    /// <returns>One line for each walk.</returns>
    public static Task<List<string>> Of(TestDatabase test, Func<Database, Task> work) =>
        test.Database.Engine == Engine.Sqlite ? Planned(test, work) : Counted(test, work);

    private static async Task<List<string>> Planned(TestDatabase test, Func<Database, Task> work)
    {
        await using var database = test.OpenAgain();
        await OnEach(database, connection => connection.enable_sqlite3_next_stmt(true));
        await work(database);
        var walks = new HashSet<string>();
        await OnEach(database, connection => walks.UnionWith(Statements(connection).ToArray().SelectMany(text => Planned(connection, text))));
        return [.. walks];
    }

    private static async Task OnEach(Database database, Action<sqlite3> act)
    {
        for (var i = 0; i < EachConnection; i++) await database.Read(On);
        await database.Write(On);

        Task<bool> On(Sql sql)
        {
            act(((SqliteSql)sql).Connection.Handle!);
            return Task.FromResult(true);
        }
    }

    private static IEnumerable<string> Statements(sqlite3 connection)
    {
        for (var statement = raw.sqlite3_next_stmt(connection, null); statement is not null; statement = raw.sqlite3_next_stmt(connection, statement))
            yield return raw.sqlite3_sql(statement).utf8_to_string();
    }

    private static IEnumerable<string> Planned(sqlite3 connection, string text)
    {
        raw.sqlite3_prepare_v2(connection, "explain query plan " + text, out var plan);
        using (plan)
            while (raw.sqlite3_step(plan) == raw.SQLITE_ROW)
                if (raw.sqlite3_column_text(plan, 3).utf8_to_string() is var step && IsWalk(step)) yield return $"{step}: {text}";
    }

    // An index of the open channels alone is there to be walked over.
    private static bool IsWalk(string step) =>
        step.StartsWith("SCAN TABLE ", StringComparison.Ordinal)
        && !step.Contains("VIRTUAL TABLE INDEX", StringComparison.Ordinal) && !step.Contains("INDEX conversations_open", StringComparison.Ordinal);

    private static async Task<List<string>> Counted(TestDatabase test, Func<Database, Task> work)
    {
        var others = await Backends(test);
        var before = await Counters(test);
        await using (var database = test.OpenAgain()) await work(database);
        // A backend reports what it counted when it ends.
        while ((await Backends(test)).Except(others).Any()) await Task.Yield();
        return [.. (await Counters(test)).Except(before)];
    }

    private static Task<List<int>> Backends(TestDatabase test) => test.Database.Read(sql => sql.All(
        "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'", row => row.Int32(0)));

    private static Task<List<string>> Counters(TestDatabase test) => test.Database.Read(async sql =>
    {
        await sql.Execute("select pg_stat_force_next_flush()");
        await sql.Execute("select pg_stat_clear_snapshot()");
        return await sql.All("select relname, seq_scan from pg_stat_user_tables", row => $"{row.Text(0)}, {row.Int64(1)} times");
    });
}
