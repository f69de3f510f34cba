using Npgsql;

namespace United.Core.Storage;

/// <summary>
/// A PostgreSQL session lock, held by a connection that serves nothing else. If the database goes away the lock goes with the
/// connection: it is taken again as soon as the database is back, and lost only if somebody else was faster.
/// </summary>
internal sealed class AdvisoryLock : ProcessLock
{
    // Any number, the same in every version; not the one under which migrations run.
    private const long Key = 0x756E6974_6C6F636B;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ending = new();
    private NpgsqlConnection? _holder;
    private Task _guard = Task.CompletedTask;

    private AdvisoryLock(string connectionString, TimeProvider time) => (_source, _time) = (Source(connectionString), time);

    public override CancellationToken Lost => _lost.Token;

    public static async Task<ProcessLock> Take(string connectionString, TimeProvider time, CancellationToken ct)
    {
        var taken = new AdvisoryLock(connectionString, time);
        try
        {
            if (!await taken.Take(ct))
                throw new ProcessLockException("Another United process works on this database. Stop it first, or give this one a database of its own with --database.");
        }
        catch
        {
            await taken.DisposeAsync();
            throw;
        }
        taken._guard = taken.Guard();
        return taken;
    }

    public override async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _guard;
        if (_holder is not null) await _holder.DisposeAsync();
        await _source.DisposeAsync();
        _ending.Dispose();
        _lost.Dispose();
    }

    /// <summary>Also waits for a connection of our own that the database has not yet found to be dead.</summary>
    private async Task<bool> Take(CancellationToken ct)
    {
        var deadline = _time.GetUtcNow() + Patience;
        while (!await TryTake(ct))
        {
            if (_time.GetUtcNow() >= deadline) return false;
            await Task.Delay(Pause, _time, ct);
        }
        return true;
    }

    private async Task Guard()
    {
        try
        {
            while (!_lost.IsCancellationRequested)
            {
                await Task.Delay(Pulse, _time, _ending.Token);
                if (!await Answers(_ending.Token)) await Retake(_ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // given back in order
        }
    }

    private async Task<bool> Answers(CancellationToken ct)
    {
        try
        {
            await using var ask = new NpgsqlCommand("select 1", _holder);
            await ask.ExecuteScalarAsync(ct);
            return true;
        }
        catch (Exception e) when (PostgresDatabase.IsAway(e) || e is InvalidOperationException)
        {
            return false;
        }
    }

    private async Task Retake(CancellationToken ct)
    {
        try
        {
            if (!await Take(ct)) await _lost.CancelAsync();
        }
        catch (DatabaseUnavailableException)
        {
            // still away: nobody can have it, the next pulse tries again
        }
    }

    private async Task<bool> TryTake(CancellationToken ct)
    {
        if (_holder is not null) await _holder.DisposeAsync();
        try
        {
            _holder = await _source.OpenConnectionAsync(ct);
            await using var take = new NpgsqlCommand("select pg_try_advisory_lock(@key)", _holder) { Parameters = { new("key", Key) } };
            return await take.ExecuteScalarAsync(ct) is true;
        }
        catch (Exception e) when (e is NpgsqlException || PostgresDatabase.IsAway(e))
        {
            throw PostgresDatabase.Away(e);
        }
    }

    private static NpgsqlDataSource Source(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 5,
            ApplicationName = "united-lock",
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 2,
        };
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ToString());
        builder.EnableTransportSecurity();
        return builder.Build();
    }
}
