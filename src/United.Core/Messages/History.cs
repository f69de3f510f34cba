using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>A page of a conversation: its newest, or the one before, after or around a sequence (one of them at most).</summary>
/// <param name="Limit">At least 1; more than <see cref="History.MostLimit"/> is cut to that.</param>
public sealed record ReadHistory(
    Guid ConversationId, long? Before = null, long? After = null, long? Around = null, int Limit = History.UsualLimit, bool IncludeDeleted = false);

/// <param name="Messages">Always newest first.</param>
/// <param name="HasMore">There is more in the direction of reading: older ones, or newer ones on a page after a sequence.</param>
/// <param name="HasBefore">Set on pages around a sequence: there are older ones.</param>
/// <param name="HasAfter">Set on pages around a sequence: there are newer ones.</param>
public sealed record HistoryPage(IReadOnlyList<Message> Messages, bool HasMore, bool HasBefore = false, bool HasAfter = false);

/// <summary>Pages of a conversation, each one range read of the primary key, wherever in the conversation it lies.</summary>
public sealed class History(Database database)
{
    public const int UsualLimit = 50;
    public const int MostLimit = 100;

    public async Task<Result<HistoryPage>> Page(Caller caller, ReadHistory page, CancellationToken ct = default)
    {
        if (Refuse(page) is { } refusal) return refusal;
        // One snapshot: rows of a later state than the access could hold what was said after the reader had been removed. On PostgreSQL its end is one
        // round trip more; to ask for the access again, after the rows, would be as many, and a statement that looks up for itself above which
        // number the reader may read has been planned there as a walk over the conversation.
        return await database.Snapshot<Result<HistoryPage>>(async sql =>
        {
            if (await ReadAccess.Of(sql, caller.UserId, page.ConversationId) is not { } access) return Fault.NotFound;
            var rows = new Rows(sql, page.ConversationId, access.HiddenSequence, page.IncludeDeleted);
            var limit = Math.Min(page.Limit, MostLimit);
            var found = page switch
            {
                { After: { } after } => await After(rows, after, limit),
                { Around: { } around } => await Around(rows, around, limit),
                _ => await Before(rows, page.Before ?? long.MaxValue, limit),
            };
            return found with { Messages = await MessageRows.Complete(sql, [.. found.Messages], caller.UserId) };
        }, ct);
    }

    private static Refusal? Refuse(ReadHistory page)
    {
        if (page.Limit < 1) return Refusal.Invalid("limit", "must be at least 1");
        if (page.Before < 0) return Refusal.Invalid("before", "must not be negative");
        if (page.After < 0) return Refusal.Invalid("after", "must not be negative");
        if (page.Around < 0) return Refusal.Invalid("around", "must not be negative");
        var directions = (page.Before is null ? 0 : 1) + (page.After is null ? 0 : 1) + (page.Around is null ? 0 : 1);
        return directions > 1 ? Refusal.Invalid("before", "only one of before, after and around can be given") : null;
    }

    private static async Task<HistoryPage> Before(Rows rows, long before, int limit)
    {
        var older = await rows.Older(before, limit + 1);
        return new HistoryPage(older[..Math.Min(limit, older.Count)], older.Count > limit);
    }

    private static async Task<HistoryPage> After(Rows rows, long after, int limit)
    {
        var newer = await rows.Newer(after, limit + 1);
        return new HistoryPage([.. newer.Take(limit).Reverse()], newer.Count > limit);
    }

    // The one in the middle counts among the older half.
    private static async Task<HistoryPage> Around(Rows rows, long around, int limit)
    {
        var ahead = limit / 2;
        var newer = await rows.Newer(around, ahead + 1);
        var older = await rows.Older(around == long.MaxValue ? around : around + 1, limit - ahead + 1);
        return new HistoryPage(
            [.. newer.Take(ahead).Reverse(), .. older.Take(limit - ahead)],
            HasMore: older.Count > limit - ahead, HasBefore: older.Count > limit - ahead, HasAfter: newer.Count > ahead);
    }

    private sealed record Rows(Sql Sql, Guid ConversationId, long Hidden, bool Deleted)
    {
        private const string Range = "select * from messages x where x.conversation_id = @conversation and (@deleted or not x.deleted)";

        private const string SelectOlder = $"""
            select {MessageRows.Columns} from (
                {Range} and x.server_sequence < @before and x.server_sequence > @hidden order by x.server_sequence desc limit @limit) x
            {MessageRows.Joins} order by x.server_sequence desc
            """;

        private const string SelectNewer = $"""
            select {MessageRows.Columns} from (
                {Range} and x.server_sequence > @after order by x.server_sequence limit @limit) x
            {MessageRows.Joins} order by x.server_sequence
            """;

        public Task<List<Message>> Older(long before, int limit) => Sql.All(SelectOlder, MessageRows.Map,
            ("conversation", ConversationId), ("deleted", Deleted), ("before", before), ("hidden", Hidden), ("limit", limit));

        public Task<List<Message>> Newer(long after, int limit) => Sql.All(SelectNewer, MessageRows.Map,
            ("conversation", ConversationId), ("deleted", Deleted), ("after", Math.Max(after, Hidden)), ("limit", limit));
    }
}
