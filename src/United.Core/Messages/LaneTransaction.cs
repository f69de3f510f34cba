using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Changes that run one after the other in one transaction: lock, read the heads, apply each, write the heads back.</summary>
internal static class LaneTransaction
{
    /// <returns>What is to be published once it is committed, for each conversation in the order of its revisions.</returns>
    public static async Task<List<Event>> Run(Sql sql, IReadOnlyList<LaneItem> items)
    {
        var heads = await HeadStore.Lock(sql, items);
        foreach (var item in items) await Run(sql, heads, item);
        var events = new List<Event>();
        foreach (var head in heads.Values)
        {
            await HeadStore.Write(sql, head);
            events.AddRange(head.Events);
        }
        return events;
    }

    private static async Task Run(Sql sql, Dictionary<Guid, ConversationHead> heads, LaneItem item)
    {
        if (Head(heads, item.Change) is not { Deleted: false } head)
        {
            item.Refuse(Fault.NotFound);
            return;
        }
        var revision = head.Revision;
        await item.Run(sql, head);
        head.EnsureTold();
        if (item.Refused && head.Revision != revision) throw new InvalidOperationException($"{item.Change.GetType().Name} was refused after it had stamped.");
        // At once, not at the end: the next change's checks (is this name free?) read the rows.
        if (head.OwnRevision is not null) await HeadStore.Write(sql, head);
        if (!item.Refused) heads[item.ConversationId] = head;
    }

    private static ConversationHead? Head(Dictionary<Guid, ConversationHead> heads, Change change) =>
        heads.TryGetValue(change.ConversationId, out var head) ? head
        : change.Starts is { } founded ? new ConversationHead(founded, isNew: true)
        : null;
}
