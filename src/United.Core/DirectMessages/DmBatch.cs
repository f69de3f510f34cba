using Npgsql;
using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>
/// Many encrypted messages in one round trip of PostgreSQL, one implicit transaction: the lock, then the judgement, numbers and rows of
/// all. Those that may not be written, stand already, are the first words between two people, or stand below words that their sender has
/// not read, are left to <see cref="PostDm"/> with their conversations, and the others tried again.
/// </summary>
internal sealed class DmBatch(NpgsqlConnection connection) : LaneBatch
{
    private const int MostPairs = 50_000;

    // Of whom a conversation is never changes, so what was seen may be remembered.
    private readonly Dictionary<Guid, DmPair> _pairs = [];
    private readonly DmCommand _command = new(connection);

    public override async Task<List<Event>> Write(IReadOnlyList<LaneItem> items, OneByOne oneByOne)
    {
        await Meet(items);
        var (repeating, events) = (Repeating(items), new List<Event>());
        var (left, apart) = (new List<LaneItem<SentDm>>(items.Count), new List<LaneItem>());
        foreach (var item in items.Cast<LaneItem<SentDm>>())
        {
            if (_pairs.ContainsKey(item.ConversationId) && !repeating.Contains(item.ConversationId)) left.Add(item);
            else apart.Add(item);
        }
        while (left.Count > 0) left = await Write(left, apart, events);
        if (apart.Count > 0) events.AddRange(await oneByOne(apart));
        return events;
    }

    public override ValueTask DisposeAsync() => _command.DisposeAsync();

    /// <returns>Those to try again, fewer than before: nothing of them was written, because not all could be.</returns>
    private async Task<List<LaneItem<SentDm>>> Write(List<LaneItem<SentDm>> items, List<LaneItem> apart, List<Event> events)
    {
        var (again, refused) = (new List<LaneItem<SentDm>>(), new HashSet<Guid>());
        await using var reader = await _command.Execute([.. items.Select(item => (Post(item), _pairs[item.ConversationId]))]);
        foreach (var item in items)
        {
            if (!await reader.ReadAsync()) throw new InvalidOperationException("The answer has fewer rows than there are messages.");
            var row = new DmRow(reader, Post(item), _pairs[item.ConversationId]);
            if (row.Stands) item.Settle(row.Outcome(events));
            else again.Add(item);
            if (!row.Stands && !row.IsFresh) refused.Add(item.ConversationId);
        }
        // The commit is answered behind the rows, and may still fail.
        await reader.NextResultAsync();
        apart.AddRange(again.Where(item => refused.Contains(item.ConversationId)));
        again.RemoveAll(item => refused.Contains(item.ConversationId));
        return again;
    }

    private async Task Meet(IReadOnlyList<LaneItem> items)
    {
        if (_pairs.Count >= MostPairs) _pairs.Clear();
        Guid[] unknown = [.. items.Select(item => item.ConversationId).Where(id => !_pairs.ContainsKey(id)).Distinct()];
        if (unknown.Length == 0) return;
        await using var command = new NpgsqlCommand(DmStatement.Pairs, connection) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = unknown } } };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            _pairs[reader.GetGuid(0)] = new DmPair(reader.GetGuid(1), reader.GetFieldValue<byte[]>(2), reader.GetGuid(3), reader.GetFieldValue<byte[]>(4));
    }

    // Where two in a batch are the same, the second one has to see the first.
    private static HashSet<Guid> Repeating(IReadOnlyList<LaneItem> items)
    {
        var (keys, repeating) = (new HashSet<Guid>(items.Count), new HashSet<Guid>());
        foreach (var post in items.Select(Post))
        {
            if (!keys.Add(post.SendKey) || (post.ClientKey is { } key && !keys.Add(key))) repeating.Add(post.ConversationId);
        }
        return repeating;
    }

    private static PostDm Post(LaneItem item) => (PostDm)item.Change;
}
