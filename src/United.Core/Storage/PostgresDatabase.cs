using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace United.Core.Storage;

/// <summary>PostgreSQL by a pool, and a second small pool with settings of its own for the message log's lanes.</summary>
public sealed class PostgresDatabase : Database
{
    private const int MostTries = 3;

    private readonly NpgsqlDataSource _pool;

    private PostgresDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _pool = Build(connectionString, lane: false);
        Lanes = Build(connectionString, lane: true);
    }

    public string ConnectionString { get; }

    /// <summary>Connections for the message log: generic plans, one send per batch.</summary>
    public NpgsqlDataSource Lanes { get; }

    public override Engine Engine => Engine.Postgres;

    public static PostgresDatabase Open(string connectionString) => new(connectionString);

    public override async Task<T> Read<T>(Func<Sql, Task<T>> work, CancellationToken ct = default)
    {
        await using var connection = await Connect(ct);
        return await Guarded(() => work(new PostgresSql(connection, null)));
    }

    public override async Task<T> Snapshot<T>(Func<Sql, Task<T>> work, CancellationToken ct = default)
    {
        await using var connection = await Connect(ct);
        return await Guarded(async () =>
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            var result = await work(new PostgresSql(connection, transaction));
            await transaction.CommitAsync(ct);
            return result;
        });
    }

    public override async Task<T> Write<T>(Func<Sql, Task<T>> work, CancellationToken ct = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var connection = await Connect(ct);
            try
            {
                return await Guarded(() => Once(connection, work, ct));
            }
            catch (PostgresException e) when (IsRetriable(e) && attempt < MostTries)
            {
                // A deadlock or a lock that took too long: nothing was written, begin again.
            }
            catch (PostgresException e) when (IsRetriable(e))
            {
                throw new DatabaseUnavailableException("The rows are busy.", e);
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await Lanes.DisposeAsync();
        await _pool.DisposeAsync();
    }

    /// <summary>Serialisation failure, deadlock, lock not available: the transaction did nothing and may be tried again.</summary>
    internal static bool IsRetriable(PostgresException e) => e.SqlState is "40001" or "40P01" or "55P03";

    /// <summary>The server is away, ends, or can't take more: classes 08, 53, 57, and what the socket says.</summary>
    internal static bool IsAway(Exception e) => e switch
    {
        PostgresException p => p.SqlState[..2] is "08" or "53" or "57",
        NpgsqlException n => n.InnerException is IOException or SocketException or TimeoutException || n.IsTransient,
        SocketException or TimeoutException => true,
        ObjectDisposedException => true,
        _ => false,
    };

    internal static DatabaseUnavailableException Away(Exception e) => new($"The database is not available: {e.Message}", e);

    private static async Task<T> Once<T>(NpgsqlConnection connection, Func<Sql, Task<T>> work, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var result = await work(new PostgresSql(connection, transaction));
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (IsAway(e))
        {
            throw Away(e);
        }
    }

    // Whatever it is that keeps us out, a wrong password as well as a broken cable.
    private async Task<NpgsqlConnection> Connect(CancellationToken ct)
    {
        try
        {
            return await _pool.OpenConnectionAsync(ct);
        }
        catch (Exception e) when (e is NpgsqlException || IsAway(e))
        {
            throw Away(e);
        }
    }

    private static NpgsqlDataSource Build(string connectionString, bool lane)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            Timeout = 5,
            CommandTimeout = 10,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 2,
            // All that we set ends with its transaction. A reset would be seven statements, 0.2 ms, before whatever a connection does next.
            NoResetOnClose = true,
        };
        // jit: a 0.4 ms statement took 57 ms with it. enable_seqscan: a walk over a whole table is never what was meant where an index
        // answers, and a plan that was made while the table was small would be kept; in a lane the same holds of all joins but nested loops.
        // Lanes: a lone message 0.58 -> 0.31 ms with generic plans; a batch has to leave in one send, or a frozen client would hold the
        // locks while the rest is under way.
        settings.Options = lane
            ? "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c lock_timeout=3s -c idle_in_transaction_session_timeout=5s"
            : "-c jit=off -c enable_seqscan=off -c lock_timeout=3s -c statement_timeout=10s";
        if (lane)
        {
            settings.WriteBufferSize = 256 * 1024;
            settings.MaxPoolSize = 8;
            settings.ApplicationName = "united-lane";
        }
        // Metrics name the pool; without a name of ours they would show the connection string.
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ToString()) { Name = lane ? "united-lanes" : "united" };
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }
}
