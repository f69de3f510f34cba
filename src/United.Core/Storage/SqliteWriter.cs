using System.Collections.Concurrent;

namespace United.Core.Storage;

/// <summary>
/// The one writer of a SQLite database: a thread that takes jobs in the order in which they came and runs each in a
/// transaction. A job that waited for anything but its own SQL would stall every other, so it is refused.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MostWaiting = 10_000;

    private readonly BlockingCollection<Action> _jobs = new(MostWaiting);
    private readonly SqliteSql _sql;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SqliteWriter(SqliteSql sql)
    {
        _sql = sql;
        new Thread(Loop) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    public Task<T> Run<T>(Func<Sql, Task<T>> work, CancellationToken ct)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryAdd(() => Do(work, done, ct))) done.SetException(new DatabaseUnavailableException("Too many writes are waiting."));
        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.CompleteAdding();
        await _ended.Task;
        _sql.Dispose();
        _jobs.Dispose();
    }

    private bool TryAdd(Action job)
    {
        try
        {
            return _jobs.TryAdd(job);
        }
        catch (InvalidOperationException)
        {
            return false; // stopping
        }
    }

    private void Loop()
    {
        foreach (var job in _jobs.GetConsumingEnumerable()) job();
        _ended.SetResult();
    }

    private void Do<T>(Func<Sql, Task<T>> work, TaskCompletionSource<T> done, CancellationToken ct)
    {
        try
        {
            ct.ThrowIfCancellationRequested();
            var task = _sql.Transaction("begin immediate", sql =>
            {
                var inner = work(sql);
                return inner.IsCompleted ? inner : throw new InvalidOperationException("A write may await only its own SQL.");
            });
            done.SetResult(task.GetAwaiter().GetResult());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }
}
