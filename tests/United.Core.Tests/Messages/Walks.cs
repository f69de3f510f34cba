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
        await work(database);
        var walks = new HashSet<string>();
        for (var i = 0; i < EachConnection; i++) walks.UnionWith(await database.Read(Planned));
        walks.UnionWith(await database.Write(Planned));
        return [.. walks];
    }

    private static Task<string[]> Planned(Sql sql)
    {
        var sqlite = (SqliteSql)sql;
        return Task.FromResult<string[]>([.. sqlite.Prepared.SelectMany(text => Planned(sqlite.Connection.Handle!, text))]);
    }

    private static IEnumerable<string> Planned(sqlite3 connection, string text)
    {
        raw.sqlite3_prepare_v2(connection, "explain query plan " + text, out var plan);
        using (plan)
            while (raw.sqlite3_step(plan) == raw.SQLITE_ROW)
                if (raw.sqlite3_column_text(plan, 3).utf8_to_string() is var step && IsWalk(step)) yield return $"{step}: {text}";
    }

    // An index of the open channels alone is there to be walked over, and the steps of a search are no table of ours.
    private static bool IsWalk(string step) =>
        step.StartsWith("SCAN TABLE ", StringComparison.Ordinal)
        && !step.StartsWith("SCAN TABLE probe", StringComparison.Ordinal) && !step.Contains("VIRTUAL TABLE INDEX", StringComparison.Ordinal) && !step.Contains("INDEX conversations_open", StringComparison.Ordinal);

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
