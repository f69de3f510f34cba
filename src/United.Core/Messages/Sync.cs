using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Catching up: a client tells the revision up to which it knows each conversation, and hears what was stamped above it. All from
/// one snapshot; no log of events is kept for it.
/// </summary>
public sealed class Sync(Database database, TimeProvider time)
{
    /// <summary>In one answer.</summary>
    public const int MostRows = 5_000;

    public const int MostConversations = 20_000;

    public Task<Result<SyncAnswer>> Read(Caller caller, SyncRequest request, CancellationToken ct = default)
    {
        if (Refuse(request) is { } refusal) return Task.FromResult<Result<SyncAnswer>>(refusal);
        // Before the snapshot: what moves after this moment is in the next answer.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.Snapshot<Result<SyncAnswer>>(async sql => await Answer(sql, caller.UserId, request, now), ct);
    }

    private static Refusal? Refuse(SyncRequest request)
    {
        if (request.Conversations.Count > MostConversations) return Refusal.Invalid("conversations", $"at most {MostConversations}");
        if (request.Conversations.Values.Any(revision => revision < 0)) return Refusal.Invalid("conversations", "a revision must not be negative");
        return request.ReceiptsSince < 0 ? Refusal.Invalid("receipts_since", "must not be negative") : null;
    }

    private static async Task<SyncAnswer> Answer(Sql sql, Guid userId, SyncRequest request, long now)
    {
        var asked = request.Conversations;
        var access = await ReadAccess.Of(sql, userId, [.. asked.Keys]);
        var asOf = request.ReceiptsSince is { } told ? Since(told, now) : (long?)null;
        var receipts = asOf is { } since ? await ReceiptRows.Since(sql, userId, since) : [];
        if (request.Partial) receipts = receipts.FindAll(receipt => asked.ContainsKey(receipt.ConversationId));
        var moved = receipts.Where(receipt => receipt.UserId == userId).Select(receipt => receipt.ConversationId).ToHashSet();
        if (asOf is { } last) moved.UnionWith(await SettingsRows.ChangedSince(sql, userId, last));

        var room = new Room(MostRows);
        var heads = await ChangesSince.Heads(sql, asked.Where(known => access.ContainsKey(known.Key)).ToDictionary());
        var changed = room.Take(heads.FindAll(head => head.Since != head.Head.Revision || moved.Contains(head.Head.Id)), RowsAtMost);
        var added = request.Partial ? [] : await ConversationList.Listed(sql, userId, [.. asked.Keys]);
        return new SyncAnswer(
            await Changed(sql, userId, changed, access),
            await ConversationList.Views(sql, userId, room.Take(added, _ => 1)),
            [.. asked.Keys.Where(id => !access.ContainsKey(id))],
            receipts, now, room.Full);
    }

    // A client that was answered in the future asked before the clock was set back, and what moved since then is stamped with earlier times: it gets
    // everything, as one that knows nothing does. What clocks differ by among servers, the overlap of what is read covers.
    private static long Since(long told, long now) => told - ReceiptRows.Overlap > now ? 0 : told;

    // Each revision stamps one row, so their distance bounds what is to be read.
    private static int RowsAtMost(ConversationChanges head) =>
        1 + (head.Truncated ? 0 : (int)Math.Min(head.Head.Revision - head.Since, ChangesSince.MostRows));

    private static async Task<List<SyncedConversation>> Changed(
        Sql sql, Guid userId, List<ConversationChanges> heads, Dictionary<Guid, ReadAccess> access)
    {
        if (heads.Count == 0) return [];
        var states = await UnreadCounts.Of(sql, userId, [.. heads.Select(head => head.Head.Id)]);
        var changes = await ChangesSince.Rows(sql, heads, userId);
        var touched = await Touched(sql, changes, userId);
        var requests = await RequestRows.Of(sql, userId, heads.Select(head => head.Head));
        return [.. changes.Select(change => Synced(change, states[change.Head.Id], touched[change.Head.Id], access[change.Head.Id].HiddenSequence) with
        {
            Request = requests.GetValueOrDefault(change.Head.Id),
        })];
    }

    // Messages of which only the reactions changed.
    private static async Task<ILookup<Guid, Message>> Touched(Sql sql, IReadOnlyList<ConversationChanges> changes, Guid userId)
    {
        var whole = changes.SelectMany(change => change.Messages).Select(message => message.Id).ToHashSet();
        var reacted = changes.SelectMany(change => change.Reactions).Select(row => row.Reaction.MessageId);
        return (await MessageRows.ByIds(sql, [.. reacted.Except(whole)], userId)).ToLookup(message => message.ConversationId);
    }

    private static SyncedConversation Synced(ConversationChanges change, ReadState state, IEnumerable<Message> touched, long hidden) => new(
        change.Head.Id, change.Head.Revision, change.Head.LastSequence, state,
        change.Truncated || change.OwnRevision > change.Since ? change.Head : null,
        [.. change.Messages.Concat(touched).Where(message => message.Sequence > hidden).OrderBy(message => message.Revision)],
        [.. change.Members.OrderBy(member => member.Revision)],
        change.Truncated);

    /// <summary>What still fits into the answer. The first thing that does not fit closes it.</summary>
    private sealed class Room(int rows)
    {
        private int _left = rows;

        public bool Full { get; private set; }

        public List<T> Take<T>(List<T> candidates, Func<T, int> cost) => [.. candidates.TakeWhile(candidate => Fits(cost(candidate)))];

        private bool Fits(int cost)
        {
            _left -= cost;
            return !(Full |= _left < 0);
        }
    }
}
