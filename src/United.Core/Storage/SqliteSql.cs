using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace United.Core.Storage;

/// <summary>Statements on one SQLite connection. Prepared commands are kept by text: preparing costs more than most of ours.</summary>
public sealed class SqliteSql(SqliteConnection connection) : Sql(Engine.Sqlite)
{
    // Texts are constants of the program; the bound only guards against a text built in a loop.
    private const int MostPrepared = 500;

    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    public SqliteConnection Connection { get; } = connection;

    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    /// <summary>What has run on this connection so far, as SQLite knows it. For tests.</summary>
    internal IEnumerable<string> Prepared => _prepared.Values.Select(command => command.CommandText);

    /// <summary>
    /// Ends what runs on this connection with SQLITE_INTERRUPT, unless the result is disposed before. That waits for a timer which is just
    /// firing: whoever uses the connection next is not interrupted.
    /// </summary>
    public IAsyncDisposable InterruptAfter(TimeSpan patience, TimeProvider time) =>
        time.CreateTimer(_ => SQLitePCL.raw.sqlite3_interrupt(Connection.Handle), null, patience, Timeout.InfiniteTimeSpan);

    protected override SqlUse Prepare(string text, (string Name, object? Value)[] values)
    {
        if (!_prepared.TryGetValue(text, out var command)) _prepared[text] = command = Create(text, values);
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = Bind(values[i].Value);
        return new SqlUse(command, owned: false);
    }

    private SqliteCommand Create(string text, (string Name, object? Value)[] values)
    {
        if (_prepared.Count >= MostPrepared) Forget();
        var command = Connection.CreateCommand();
        command.CommandText = Rewrite(text, values);
        foreach (var (name, _) in values) command.Parameters.Add(new SqliteParameter("@" + name, DBNull.Value));
        return command;
    }

    private void Forget()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }

    // SQLite has no arrays: they travel as JSON, ids in hex.
    private static string Rewrite(string text, (string Name, object? Value)[] values)
    {
        foreach (var (name, value) in values)
        {
            if (value is Guid[]) text = text.Replace($"= any(@{name})", $"in (select uuid_of(value) from json_each(@{name}))", StringComparison.Ordinal);
            else if (value is long[] or int[] or string[]) text = text.Replace($"= any(@{name})", $"in (select value from json_each(@{name}))", StringComparison.Ordinal);
        }
        return text;
    }

    internal static object Bind(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        bool flag => flag ? 1L : 0L,
        Guid[] ids => Json(ids, static (json, id) => json.Append('"').Append(id.ToString("N")).Append('"')),
        long[] numbers => Json(numbers, static (json, n) => json.Append(CultureInfo.InvariantCulture, $"{n}")),
        int[] numbers => Json(numbers, static (json, n) => json.Append(CultureInfo.InvariantCulture, $"{n}")),
        string[] texts => Json(texts, static (json, text) => json.Append('"').Append(System.Text.Json.JsonEncodedText.Encode(text)).Append('"')),
        _ => value,
    };

    private static string Json<T>(T[] items, Func<StringBuilder, T, StringBuilder> append)
    {
        var json = new StringBuilder("[");
        foreach (var item in items) append(json.Length > 1 ? json.Append(',') : json, item);
        return json.Append(']').ToString();
    }
}
