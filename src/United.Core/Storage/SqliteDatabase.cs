using System.Threading.Channels;
using Microsoft.Data.Sqlite;

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
    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

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

    public override async Task<T> Read<T>(Func<Sql, Task<T>> work, CancellationToken ct = default)
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

    public override Task<T> Snapshot<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) =>
        Read(sql => InTransaction(sql, "begin deferred", work), ct);

    public override Task<T> Write<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => _writer.Run(work, ct);

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

    internal static async Task<T> InTransaction<T>(Sql sql, string begin, Func<Sql, Task<T>> work)
    {
        await sql.Execute(begin);
        try
        {
            var result = await work(sql);
            await sql.Execute("commit");
            return result;
        }
        catch
        {
            // Some errors (a full disk) have ended the transaction already.
            if (((SqliteSql)sql).InTransaction) await sql.Execute("rollback");
            throw;
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
