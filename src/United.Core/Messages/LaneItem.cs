using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>What stands in the queue of a lane: a change, or a mark.</summary>
internal abstract class LaneEntry;

/// <summary>A place in the queue: reached when everything before it is done.</summary>
internal sealed class LaneMark : LaneEntry
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task;

    public void Reach() => _reached.SetResult();
}

/// <summary>
/// One change that waits in a lane, and its caller with it. An outcome may be set several times, by each run of the batch; the
/// caller learns the last, once it is committed.
/// </summary>
internal abstract class LaneItem(Change change, Func<bool>? stands, CancellationToken ct) : LaneEntry
{
    public Change Change { get; } = change;

    public Guid ConversationId => Change.ConversationId;

    /// <summary>The caller has gone: nobody waits for it, so it need not begin.</summary>
    public bool Abandoned => ct.IsCancellationRequested;

    /// <summary>Who asked for it is still who they were then.</summary>
    public bool Stands => stands?.Invoke() ?? true;

    public abstract bool Refused { get; }

    public abstract Task Run(Sql sql, ConversationHead head);

    public abstract void Refuse(Refusal refusal);

    /// <summary>Tells the caller the outcome.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

internal sealed class LaneItem<T>(Change<T> change, Func<bool>? stands, CancellationToken ct) : LaneItem(change, stands, ct)
{
    // Callers go on on threads of their own, never on the lane's.
    private readonly TaskCompletionSource<Result<T>> _caller = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Result<T> Outcome { get; private set; }

    public Task<Result<T>> Caller => _caller.Task;

    public override bool Refused => !Outcome.Ok;

    public override async Task Run(Sql sql, ConversationHead head) => Outcome = await change.Apply(sql, head);

    public void Settle(Result<T> outcome) => Outcome = outcome;

    public override void Refuse(Refusal refusal) => Outcome = refusal;

    public override void Complete() => _caller.TrySetResult(Outcome);

    public override void Fail(Exception exception) => _caller.TrySetException(exception);
}
