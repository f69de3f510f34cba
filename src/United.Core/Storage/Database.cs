namespace United.Core.Storage;

/// <summary>
/// How SQL runs. Hides the one real difference between the engines: SQLite has one writer (a thread of its own) and a few
/// readers, PostgreSQL has a pool. Whatever is written is committed when <see cref="Write{T}"/> returns.
/// </summary>
/// <remarks>
/// Inside <c>work</c> only the given <see cref="Sql"/> may be awaited: locks are held, and on SQLite the delegate runs on
/// the writer's thread.
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    public abstract Engine Engine { get; }

    /// <summary>Statements outside a transaction: each sees what was committed when it began.</summary>
    /// <exception cref="DatabaseUnavailableException">The database can't be reached.</exception>
    public abstract Task<T> Read<T>(Func<Sql, Task<T>> work, CancellationToken ct = default);

    /// <summary>All statements see one and the same snapshot.</summary>
    /// <exception cref="DatabaseUnavailableException">The database can't be reached.</exception>
    public abstract Task<T> Snapshot<T>(Func<Sql, Task<T>> work, CancellationToken ct = default);

    /// <summary>
    /// One transaction, committed on return and rolled back on an exception. Deadlocks and lock time-outs are retried from
    /// the start, so <paramref name="work"/> must not change anything but the database.
    /// </summary>
    /// <exception cref="DatabaseUnavailableException">It could not be committed, or it is not known whether it was.</exception>
    public abstract Task<T> Write<T>(Func<Sql, Task<T>> work, CancellationToken ct = default);

    public Task Write(Func<Sql, Task> work, CancellationToken ct = default) =>
        Write(async sql => { await work(sql); return default(Done); }, ct);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The database is away, or too slow. Wires answer 503 with a Retry-After.</summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What whoever asked is told, over each wire.</summary>
    public static Refusal Refusal { get; } = new(Fault.Unavailable, RetryAfter: TimeSpan.FromSeconds(2));
}
