using Microsoft.Data.Sqlite;

namespace United.Core.Storage;

/// <summary>Statements on one SQLite connection. Prepared statements are kept by text: preparing costs more than most of ours.</summary>
public sealed class SqliteSql(SqliteConnection connection) : Sql(Engine.Sqlite), IDisposable
{
    // Texts are constants of the program; the bound only guards against a text built in a loop.
    private const int MostPrepared = 500;

    private readonly Dictionary<string, SqliteStatement> _prepared = new(new LongTexts());

    public SqliteConnection Connection { get; } = connection;

    /// <summary>What has run on this connection so far, as SQLite knows it. For tests.</summary>
    internal IEnumerable<string> Prepared => _prepared.Values.Select(statement => statement.Text);

    /// <summary>
    /// Ends what runs on this connection with SQLITE_INTERRUPT, unless the result is disposed before. That waits for a timer which is just
    /// firing: whoever uses the connection next is not interrupted.
    /// </summary>
    public IAsyncDisposable InterruptAfter(TimeSpan patience, TimeProvider time) =>
        time.CreateTimer(_ => SQLitePCL.raw.sqlite3_interrupt(Connection.Handle), null, patience, Timeout.InfiniteTimeSpan);

    public override Task<int> Execute(string text, params (string Name, object? Value)[] values)
    {
        using var run = Begin(text, values);
        while (run.Step())
        {
        }
        return Task.FromResult(run.Changed);
    }

    public override Task<List<T>> All<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
    {
        using var run = Begin(text, values);
        var rows = new List<T>();
        while (run.Step()) rows.Add(map(run.Row));
        return Task.FromResult(rows);
    }

    public override Task<T?> One<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
        where T : default
    {
        using var run = Begin(text, values);
        return Task.FromResult(run.Step() ? map(run.Row) : default);
    }

    public override async Task Each(string text, Func<SqlRow, ValueTask> use, params (string Name, object? Value)[] values)
    {
        using var run = Begin(text, values);
        while (run.Step()) await use(run.Row);
    }

    /// <summary>Committed on return, rolled back on an exception.</summary>
    /// <param name="begin">The statement that begins it.</param>
    internal async Task<T> Transaction<T>(string begin, Func<Sql, Task<T>> work)
    {
        await Execute(begin);
        try
        {
            var result = await work(this);
            await Execute("commit");
            return result;
        }
        catch
        {
            // Some errors (a full disk) have ended the transaction already.
            if (SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0) await Execute("rollback");
            throw;
        }
    }

    public void Dispose()
    {
        Forget();
        Connection.Dispose();
    }

    private SqliteRun Begin(string text, (string Name, object? Value)[] values)
    {
        if (!_prepared.TryGetValue(text, out var statement)) _prepared[text] = statement = Prepare(text, values);
        return statement.Begin(values);
    }

    private SqliteStatement Prepare(string text, (string Name, object? Value)[] values)
    {
        if (_prepared.Count >= MostPrepared) Forget();
        return new SqliteStatement(Connection.Handle!, SqliteArrays.Rewrite(text, values), values.Select(value => value.Name));
    }

    private void Forget()
    {
        foreach (var statement in _prepared.Values) statement.Dispose();
        _prepared.Clear();
    }

    // They are long, nearly always the same objects, and seldom of one length: to hash every character would cost more than to bind the values.
    private sealed class LongTexts : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string text) => HashCode.Combine(text.Length, text[text.Length / 2], text[^1]);
    }
}
