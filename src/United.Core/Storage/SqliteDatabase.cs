using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace United.Core.Storage;

/// <summary>
/// SQLite in WAL mode with synchronous=FULL: what is committed survives the loss of power. One writer on a thread of its
/// own, and a few reading connections.
/// </summary>
public sealed class SqliteDatabase : Database
{
    private const int Readers = 4;

    private readonly string _connectionString;
    private readonly SqliteWriter _writer;
    private readonly Channel<SqliteSql> _readers = Channel.CreateBounded<SqliteSql>(Readers);

    // The driver finds the native library by reflection, which trimming does not see: named here, it stays.
    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(string path)
    {
        Path = path;
        MakePrivate(path);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        _writer = new SqliteWriter(Open());
        for (var i = 0; i < Readers; i++) _readers.Writer.TryWrite(Open());
    }

    public string Path { get; }

    public override Engine Engine => Engine.Sqlite;

    public static SqliteDatabase Open(string path) => new(path);

    public override Task<T> Read<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => Guarded(() => OnReader(work, ct));

    public override Task<T> Snapshot<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) =>
        Guarded(() => OnReader(sql => sql.Transaction("begin deferred", work), ct));

    public override Task<T> Write<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => Guarded(() => _writer.Run(work, ct));

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        for (var i = 0; i < Readers; i++) (await _readers.Reader.ReadAsync()).Dispose();
    }

    // Keys and password hashes are in it. What SQLite puts beside it takes over its mode. A file that exists is left alone: to open and
    // close it would give up the locks that this process may hold on it.
    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows() || File.Exists(path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        new FileStream(path, options).Dispose();
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SqliteException e) when (IsAway(e))
        {
            throw new DatabaseUnavailableException($"The database is not available: {e.Message}", e);
        }
    }

    // The file or the disk is to blame, and not what was asked of them.
    private static bool IsAway(SqliteException e) => e.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY
        or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL or raw.SQLITE_CANTOPEN or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_NOMEM;

    private async Task<T> OnReader<T>(Func<SqliteSql, Task<T>> work, CancellationToken ct)
    {
        var sql = await _readers.Reader.ReadAsync(ct);
        try
        {
            return await Task.Run(() => work(sql), ct);
        }
        finally
        {
            _readers.Writer.TryWrite(sql);
        }
    }

    private SqliteSql Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.CreateFunction("uuid_of", static (string hex) => Convert.FromHexString(hex), isDeterministic: true);
        connection.CreateFunction("greatest", static (long a, long b) => Math.Max(a, b), isDeterministic: true);
        connection.CreateFunction("least", static (long a, long b) => Math.Min(a, b), isDeterministic: true);
        // wal_autocheckpoint: a checkpoint writes each page that was changed since the last one and waits for the disk. At 4,000 pages
        // (16 MiB) the hot ones are written a quarter as often as by default. The log begins anew after each, so it stays at that size;
        // readers that could hold it up last as long as a request.
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = """
            pragma journal_mode = wal;
            pragma synchronous = full;
            pragma wal_autocheckpoint = 4000;
            pragma foreign_keys = on;
            pragma busy_timeout = 30000;
            pragma cache_size = -16384;
            pragma temp_store = memory;
            pragma recursive_triggers = on;
            """;
        pragmas.ExecuteNonQuery();
        return new SqliteSql(connection);
    }
}
