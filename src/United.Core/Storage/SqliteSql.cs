using Microsoft.Data.Sqlite;

namespace United.Core.Storage;

/// <summary>Statements on one SQLite connection. Prepared commands are kept by text: preparing costs more than most of ours.</summary>
public sealed class SqliteSql(SqliteConnection connection) : Sql(Engine.Sqlite), IDisposable
{
    // Texts are constants of the program; the bound only guards against a text built in a loop.
    private const int MostPrepared = 500;

    private readonly Dictionary<string, SqliteStatement> _prepared = new(new LongTexts());

    public SqliteConnection Connection { get; } = connection;

    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

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
        var statement = Begin(text, values);
        try
        {
            while (statement.Step())
            {
            }
            return Task.FromResult(statement.Changed);
        }
        finally
        {
            statement.End();
        }
    }

    public override Task<List<T>> All<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
    {
        var statement = Begin(text, values);
        try
        {
            var rows = new List<T>();
            while (statement.Step()) rows.Add(map(statement.Row));
            return Task.FromResult(rows);
        }
        finally
        {
            statement.End();
        }
    }

    public override Task<T?> One<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
        where T : default
    {
        var statement = Begin(text, values);
        try
        {
            return Task.FromResult(statement.Step() ? map(statement.Row) : default);
        }
        finally
        {
            statement.End();
        }
    }

    public override async Task Each(string text, Func<SqlRow, ValueTask> use, params (string Name, object? Value)[] values)
    {
        var statement = Begin(text, values);
        try
        {
            while (statement.Step()) await use(statement.Row);
        }
        finally
        {
            statement.End();
        }
    }

    public void Dispose()
    {
        Forget();
        Connection.Dispose();
    }

    private SqliteStatement Begin(string text, (string Name, object? Value)[] values)
    {
        if (!_prepared.TryGetValue(text, out var statement)) _prepared[text] = statement = Prepare(text, values);
        statement.Begin(values);
        return statement;
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
