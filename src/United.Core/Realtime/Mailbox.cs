namespace United.Core.Realtime;

/// <summary>
/// Does one thing after another, in the order in which they came. What the feed and the hub own is touched by nothing else, so it needs no
/// locks and no snapshots. One thread is enough: a delivery costs it some 100 ns, a socket write the machine forty times as much.
/// </summary>
/// <remarks>What is posted must not wait for anything.</remarks>
internal sealed class Mailbox(Action<Exception> failed) : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private List<Action> _waiting = [];
    private List<Action> _running = [];
    private bool _scheduled;

    public void Post(Action work)
    {
        lock (_lock)
        {
            _waiting.Add(work);
            if (_scheduled) return;
            _scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <returns>Completes when it has been done.</returns>
    public Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public Task Run(Action work) => Run(() => { work(); return default(Done); });

    void IThreadPoolWorkItem.Execute()
    {
        while (TakeAll())
        {
            foreach (var work in _running) Do(work);
            _running.Clear();
        }
    }

    private bool TakeAll()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) return _scheduled = false;
            (_waiting, _running) = (_running, _waiting);
            return true;
        }
    }

    private void Do(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            failed(e); // one event that can't be told must not silence the rest
        }
    }
}
