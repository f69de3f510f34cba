using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace United.Core.Storage;

/// <summary>
/// A statement of one SQLite connection, prepared once and run again and again. Straight to SQLite: the driver's commands look up
/// every parameter by name and make a reader for each run, which takes longer than most of our statements do.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;
    private bool _runs;

    /// <param name="names">Of the values that each run brings, in their order.</param>
    /// <exception cref="SqliteException">It can't be prepared.</exception>
    public SqliteStatement(sqlite3 connection, string text, IEnumerable<string> names)
    {
        (_connection, Text) = (connection, text);
        Check(raw.sqlite3_prepare_v2(connection, text, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest)) throw new InvalidOperationException($"More than one statement: {text}");
        Row = new SqliteRow(_statement);
        _places = [.. names.Select(name => raw.sqlite3_bind_parameter_index(_statement, "@" + name))];
        if (_places.Distinct().Count(place => place > 0) != raw.sqlite3_bind_parameter_count(_statement))
            throw new InvalidOperationException($"A value is missing: {text}");
    }

    public string Text { get; }

    /// <summary>What <see cref="Step"/> came to.</summary>
    public SqliteRow Row { get; }

    /// <summary>Rows that the last run changed.</summary>
    public int Changed => raw.sqlite3_stmt_readonly(_statement) == 0 ? raw.sqlite3_changes(_connection) : 0;

    /// <exception cref="InvalidOperationException">Another run has not been disposed.</exception>
    public SqliteRun Begin((string Name, object? Value)[] values)
    {
        if (_runs) throw new InvalidOperationException($"It is being read: {Text}");
        for (var i = 0; i < _places.Length; i++)
            if (_places[i] > 0) Check(Bind(_places[i], values[i].Value));
        _runs = true;
        return new SqliteRun(this);
    }

    /// <returns>Whether there is another row.</returns>
    /// <exception cref="SqliteException">It failed, or was interrupted.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE) return result == raw.SQLITE_ROW;
        throw Error(result);
    }

    // What a failed run returns here it has told before.
    public void End()
    {
        raw.sqlite3_reset(_statement);
        _runs = false;
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, place),
        Guid id => BindUuid(place, id),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        short number => raw.sqlite3_bind_int64(_statement, place, number),
        bool flag => raw.sqlite3_bind_int64(_statement, place, flag ? 1 : 0),
        string text => BindText(place, text),
        byte[] bytes => BindBytes(place, bytes),
        _ => BindText(place, SqliteArrays.Json(value) ?? throw new InvalidOperationException($"No column holds a {value.GetType().Name}.")),
    };

    private int BindUuid(int place, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return raw.sqlite3_bind_blob(_statement, place, bytes);
    }

    // An empty span has no address, and SQLite takes that for null.
    private int BindBytes(int place, ReadOnlySpan<byte> bytes) => bytes.IsEmpty
        ? raw.sqlite3_bind_zeroblob(_statement, place, 0)
        : raw.sqlite3_bind_blob(_statement, place, bytes);

    private int BindText(int place, string text)
    {
        if (text.Length == 0) return raw.sqlite3_bind_text(_statement, place, text);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return raw.sqlite3_bind_text(_statement, place, bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw Error(result);
    }

    private SqliteException Error(int result) => new(
        $"SQLite Error {result}: '{raw.sqlite3_errmsg(_connection).utf8_to_string()}'.", result, raw.sqlite3_extended_errcode(_connection));
}
