using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>A message as the index has to show it. Without text it is not in the index.</summary>
internal sealed record SearchRow(Guid ConversationId, Guid MessageId, Guid SenderId, string Folded, long Timestamp)
{
    /// <summary>Rises with the time; the lowest byte keeps those of one millisecond apart.</summary>
    public long PreferredKey => KeyAt(Timestamp) | MessageId.ToByteArray(bigEndian: true)[9];

    /// <summary>Below all keys of this moment (Unix milliseconds), above all before it.</summary>
    public static long KeyAt(long timestamp) => Math.Clamp(timestamp, 0, long.MaxValue >> 8) << 8;
}

/// <summary>Writes the index of full-text search, in the transaction of the caller.</summary>
internal static class SearchIndex
{
    /// <summary>Brings the index to what the rows say, whatever it held of them.</summary>
    public static async Task Put(Sql sql, IReadOnlyList<SearchRow> rows)
    {
        var old = (await Find(sql, [.. rows.Select(row => row.MessageId)])).ToDictionary(entry => entry.Row.MessageId);
        var changed = rows.Where(row => row.Folded != (old.TryGetValue(row.MessageId, out var entry) ? entry.Row.Folded : "")).ToList();
        await Remove(sql, [.. changed.Where(row => old.ContainsKey(row.MessageId)).Select(row => old[row.MessageId])]);
        await Add(sql, [.. changed.Where(row => row.Folded.Length > 0)]);
    }

    /// <summary>Forgets messages.</summary>
    public static async Task Remove(Sql sql, Guid[] messageIds) => await Remove(sql, await Find(sql, messageIds));

    private static Task<List<(long Key, SearchRow Row)>> Find(Sql sql, Guid[] messageIds) =>
        sql.All("select id, conversation_id, message_id, sender_id, folded from message_search where message_id = any(@ids)",
            row => (row.Int64(0), new SearchRow(row.Uuid(1), row.Uuid(2), row.Uuid(3), row.Text(4), 0)), ("ids", messageIds));

    private static async Task Remove(Sql sql, List<(long Key, SearchRow Row)> entries)
    {
        if (entries.Count == 0) return;
        // The trigrams hold no text: to take some out they have to be told which.
        if (!sql.IsPostgres)
            foreach (var (key, row) in entries)
                await sql.Execute("""
                    insert into message_trigrams (message_trigrams, rowid, folded, conversation, sender)
                    values ('delete', @key, @folded, @conversation, @sender)
                    """,
                    ("key", key), ("folded", row.Folded), ("conversation", SearchText.OfConversation(row.ConversationId)),
                    ("sender", SearchText.OfSender(row.SenderId)));
        await sql.Execute("delete from message_search where id = any(@keys)", ("keys", entries.Select(entry => entry.Key).ToArray()));
    }

    private static async Task Add(Sql sql, List<SearchRow> rows)
    {
        if (rows.Count == 0) return;
        var keys = await Keys(sql, rows);
        if (sql.IsPostgres) await AddAll(sql, rows, keys);
        else for (var i = 0; i < rows.Count; i++) await AddOne(sql, rows[i], keys[i]);
    }

    private static Task<int> AddAll(Sql sql, List<SearchRow> rows, long[] keys)
    {
        var (grams, firsts, lasts) = Grams(rows);
        return sql.Execute("""
            insert into message_search (id, conversation_id, message_id, sender_id, folded, grams)
            select id, conversation_id, message_id, sender_id, folded, (@grams)[first:last]
            from unnest(@keys, @conversations, @messages, @senders, @texts, @firsts, @lasts) row (id, conversation_id, message_id, sender_id, folded, first, last)
            """,
            ("keys", keys), ("conversations", rows.Select(row => row.ConversationId).ToArray()), ("messages", rows.Select(row => row.MessageId).ToArray()),
            ("senders", rows.Select(row => row.SenderId).ToArray()), ("texts", rows.Select(row => row.Folded).ToArray()),
            ("grams", grams), ("firsts", firsts), ("lasts", lasts));
    }

    private static async Task AddOne(Sql sql, SearchRow row, long key)
    {
        await sql.Execute("insert into message_search (id, conversation_id, message_id, sender_id, folded) values (@key, @conversation, @message, @sender, @folded)",
            ("key", key), ("conversation", row.ConversationId), ("message", row.MessageId), ("sender", row.SenderId), ("folded", row.Folded));
        await sql.Execute("insert into message_trigrams (rowid, folded, conversation, sender) values (@key, @folded, @conversation, @sender)",
            ("key", key), ("folded", row.Folded), ("conversation", SearchText.OfConversation(row.ConversationId)), ("sender", SearchText.OfSender(row.SenderId)));
    }

    /// <summary>Those of all rows one behind the other, and where each row's begin and end, from 1 on: PostgreSQL has no arrays of arrays of different lengths.</summary>
    private static (int[] All, int[] Firsts, int[] Lasts) Grams(List<SearchRow> rows)
    {
        var all = new List<int>();
        var (firsts, lasts) = (new int[rows.Count], new int[rows.Count]);
        var grams = new HashSet<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            grams.Clear();
            SearchText.AddGrams(rows[i].Folded, grams);
            SearchText.AddGrams(SearchText.OfConversation(rows[i].ConversationId), grams);
            SearchText.AddGrams(SearchText.OfSender(rows[i].SenderId), grams);
            firsts[i] = all.Count + 1;
            all.AddRange(grams);
            lasts[i] = all.Count;
        }
        return ([.. all], firsts, lasts);
    }

    // Only one writes the index at a time, so a key that is free stays free.
    private static async Task<long[]> Keys(Sql sql, List<SearchRow> rows)
    {
        var keys = rows.Select(row => row.PreferredKey).ToArray();
        while (true)
        {
            var taken = (await sql.All("select id from message_search where id = any(@keys)", row => row.Int64(0), ("keys", keys))).ToHashSet();
            var moved = false;
            for (var i = 0; i < keys.Length; i++)
            {
                while (!taken.Add(keys[i])) (keys[i], moved) = (keys[i] + 1, true);
            }
            if (!moved) return keys;
        }
    }
}
