using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Moves watermarks through the log, and answers with the counts that follow from them. Keeps the moves that wait, by member: of
/// several that wait together the furthest is written, once, and all callers have its outcome.
/// </summary>
internal sealed class Watermarks(Database database, INodeBus bus, TimeProvider time, Func<WatermarkChange, Task<Result<bool>>> append)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(WatermarkKind, Guid Conversation, Guid User), (WatermarkChange Change, Task<Result<bool>> Outcome)> _waiting = [];

    public async Task<Result<WatermarkResult>> Move(Caller caller, WatermarkKind kind, MoveWatermark request, CancellationToken ct)
    {
        if (request.Sequence < 0) return Refusal.Invalid("sequence", "is below 0");
        if (!(await Join(caller.UserId, kind, request).WaitAsync(ct)).TryGet(out var moved, out var refusal)) return refusal;
        if (await database.Read(sql => State(sql, caller.UserId, request.ConversationId), ct) is not { } state) return Fault.NotFound;
        if (moved && kind == WatermarkKind.Read)
            bus.Publish([new UnreadChanged(caller.UserId, request.ConversationId, state.LastRead, state.UnreadCount, state.MentionCount)]);
        return new WatermarkResult(kind == WatermarkKind.Read ? state.LastRead : state.LastDelivered, state.UnreadCount, state.MentionCount);
    }

    /// <summary>The lane has taken it: whoever comes now begins another.</summary>
    public void Close(WatermarkChange change)
    {
        lock (_lock) _waiting.Remove((change.Kind, change.ConversationId, change.UserId));
    }

    private Task<Result<bool>> Join(Guid userId, WatermarkKind kind, MoveWatermark request)
    {
        var key = (kind, request.ConversationId, userId);
        // The lane closes a move under the same lock, so it can't be taken between its append and its entry here.
        lock (_lock)
        {
            if (_waiting.TryGetValue(key, out var waiting))
            {
                waiting.Change.Sequence = Math.Max(waiting.Change.Sequence, request.Sequence);
                return waiting.Outcome;
            }
            var change = new WatermarkChange(this, kind, request.ConversationId, userId, time.GetUtcNow().ToUnixTimeMilliseconds()) { Sequence = request.Sequence };
            var outcome = append(change);
            if (!outcome.IsCompleted) _waiting[key] = (change, outcome);
            return outcome;
        }
    }

    // Read after the commit: where several devices move at once, each of their events tells the counts of the furthest.
    private static async Task<ReadState?> State(Sql sql, Guid userId, Guid conversationId) =>
        await ReadAccess.Of(sql, userId, conversationId) is null ? null : await UnreadCounts.Of(sql, userId, conversationId);
}
