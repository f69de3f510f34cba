namespace United.Core.Storage;

/// <summary>
/// One process a database, as long as processes don't know of each other: two of them would each tell their own sessions only,
/// and split the community without a word. Held until disposed, and let go by the system if the process dies.
/// </summary>
public abstract class ProcessLock : IAsyncDisposable
{
    /// <summary>How long a starting process waits for one that is on its way out.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Somebody else took the lock while the database was away: stop, at once.</summary>
    public abstract CancellationToken Lost { get; }

    /// <exception cref="ProcessLockException">Another process has it.</exception>
    /// <exception cref="DatabaseUnavailableException">The database can't be reached.</exception>
    public static Task<ProcessLock> Take(Database database, TimeProvider time, CancellationToken ct = default) => database switch
    {
        SqliteDatabase sqlite => Task.FromResult<ProcessLock>(FileLock.Take(sqlite.Path + ".lock")),
        PostgresDatabase postgres => AdvisoryLock.Take(postgres.ConnectionString, time, ct),
        _ => throw new ArgumentException("An unknown kind of database.", nameof(database)),
    };

    public abstract ValueTask DisposeAsync();
}

/// <summary>Another process works on this database. Its message says what to do.</summary>
public sealed class ProcessLockException(string message) : Exception(message);
