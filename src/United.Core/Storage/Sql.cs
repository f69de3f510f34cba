namespace United.Core.Storage;

/// <summary>
/// Runs statements on one connection. Values are named (<c>@name</c>) and never part of the text. Ids go in and out as
/// <see cref="Guid"/>, flags as <see cref="bool"/>, and <c>= any(@ids)</c> takes an array on both engines.
/// </summary>
public abstract class Sql(Engine engine)
{
    public Engine Engine { get; } = engine;

    public bool IsPostgres => Engine == Engine.Postgres;

    /// <returns>The number of rows changed.</returns>
    public abstract Task<int> Execute(string text, params (string Name, object? Value)[] values);

    public abstract Task<List<T>> All<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values);

    /// <returns>The first row, or the default of <typeparamref name="T"/> when there is none.</returns>
    public abstract Task<T?> One<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values);

    /// <summary>Rows one by one, for what does not fit into memory.</summary>
    public abstract Task Each(string text, Func<SqlRow, ValueTask> use, params (string Name, object? Value)[] values);

    /// <summary>Until the end of the transaction statements may take as long as they need: migrations, backup, restore.</summary>
    public virtual Task LiftTimeLimits() => Task.CompletedTask;

    /// <summary>
    /// The commit of this transaction does not wait for the disk: for what is derived, and would be derived again if a crash took it back.
    /// On SQLite it waits all the same.
    /// </summary>
    public virtual Task CommitWithoutDisk() => Task.CompletedTask;

    public async Task<bool> Exists(string text, params (string Name, object? Value)[] values) =>
        await One(text, static _ => true, values);

    public Task<long> Count(string text, params (string Name, object? Value)[] values) =>
        One(text, static row => row.Int64(0), values);

    /// <summary>
    /// Locks conversations, in id order, until the end of the transaction: the first step of every change of one. What the
    /// change depends on must be read by a LATER statement, whose snapshot is then newer than the lock. SQLite has one
    /// writer and needs no lock.
    /// </summary>
    public Task LockConversations(params Guid[] ids) =>
        IsPostgres
            ? Execute("select id from conversations where id = any(@ids) order by id for no key update", ("ids", ids))
            : Task.CompletedTask;

    /// <summary>Takes a lock of the whole database until the end of the transaction, or comes away without it. SQLite has one writer anyway.</summary>
    /// <param name="key">The same in every version of the program.</param>
    public async Task<bool> TryLock(long key) =>
        !IsPostgres || await One("select pg_try_advisory_xact_lock(@key)", static row => row.Bool(0), ("key", key));
}
