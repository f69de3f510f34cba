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
    // About a millisecond of PostgreSQL's time.
    private const int Piece = 25;

    private const string Select = "select id, conversation_id, message_id, sender_id, folded from message_search where";

    /// <summary>Brings the index to what the rows say, whatever it held of them.</summary>
    /// <param name="rest">On PostgreSQL the rows are written in pieces, and this is awaited before each; null: all at once, without it.</param>
    public static async Task Put(Sql sql, SearchRow[] rows, Func<Task>? rest)
    {
        var found = await Find(sql, rows);
        var old = found.ToDictionary(entry => entry.Row.MessageId);
        var changed = Array.FindAll(rows, row => row.Folded != (old.TryGetValue(row.MessageId, out var entry) ? entry.Row.Folded : ""));
        var outdated = changed.Select(row => old.GetValueOrDefault(row.MessageId)).OfType<Entry>().ToList();
        await Remove(sql, outdated);
        var added = await Keyed(sql, Array.FindAll(changed, row => row.Folded.Length > 0), [.. found.Except(outdated).Select(entry => entry.Key)]);
        if (!sql.IsPostgres) foreach (var entry in added) await AddOne(sql, entry);
        else if (rest is null) await AddAll(sql, added);
        else await AddInPieces(sql, added, rest);
    }

    /// <summary>Forgets messages.</summary>
    public static async Task Remove(Sql sql, Guid[] messageIds) =>
        await Remove(sql, await sql.All($"{Select} message_id = any(@ids)", Map, ("ids", messageIds)));

    /// <summary>
    /// PostgreSQL lets new trigrams wait in a list that each search reads from end to end, and moves a full one into the index at once.
    /// Done while nobody writes, that holds up nobody. Another node that is at it will do it.
    /// </summary>
    public static async Task Tidy(Sql sql)
    {
        if (!sql.IsPostgres || !await SearchStep.TryLock(sql)) return;
        await sql.CommitWithoutDisk();
        await sql.Execute("select gin_clean_pending_list('message_search_grams')");
    }

    /// <summary>What the index has of these messages, and what has the keys that they would like to have.</summary>
    private static Task<List<Entry>> Find(Sql sql, SearchRow[] rows) =>
        sql.All($"{Select} message_id = any(@ids) or id = any(@keys)", Map,
            ("ids", Array.ConvertAll(rows, row => row.MessageId)), ("keys", Array.ConvertAll(rows, row => row.PreferredKey)));

    private static async Task Remove(Sql sql, List<Entry> entries)
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

    private static async Task AddInPieces(Sql sql, Entry[] entries, Func<Task> rest)
    {
        foreach (var piece in entries.Chunk(Piece))
        {
            await rest();
            await AddAll(sql, piece);
        }
    }

    private static async Task AddAll(Sql sql, Entry[] entries)
    {
        if (entries.Length == 0) return;
        var (grams, firsts, lasts) = Grams(entries);
        await sql.Execute("""
            insert into message_search (id, conversation_id, message_id, sender_id, folded, grams)
            select id, conversation_id, message_id, sender_id, folded, (@grams)[first:last]
            from unnest(@keys, @conversations, @messages, @senders, @texts, @firsts, @lasts) row (id, conversation_id, message_id, sender_id, folded, first, last)
            """,
            ("keys", Array.ConvertAll(entries, entry => entry.Key)), ("conversations", Array.ConvertAll(entries, entry => entry.Row.ConversationId)),
            ("messages", Array.ConvertAll(entries, entry => entry.Row.MessageId)), ("senders", Array.ConvertAll(entries, entry => entry.Row.SenderId)),
            ("texts", Array.ConvertAll(entries, entry => entry.Row.Folded)), ("grams", grams), ("firsts", firsts), ("lasts", lasts));
    }

    private static async Task AddOne(Sql sql, Entry entry)
    {
        var (key, row) = entry;
        await sql.Execute("insert into message_search (id, conversation_id, message_id, sender_id, folded) values (@key, @conversation, @message, @sender, @folded)",
            ("key", key), ("conversation", row.ConversationId), ("message", row.MessageId), ("sender", row.SenderId), ("folded", row.Folded));
        await sql.Execute("insert into message_trigrams (rowid, folded, conversation, sender) values (@key, @folded, @conversation, @sender)",
            ("key", key), ("folded", row.Folded), ("conversation", SearchText.OfConversation(row.ConversationId)), ("sender", SearchText.OfSender(row.SenderId)));
    }

    /// <summary>Those of all rows one behind the other, and where each row's begin and end, from 1 on: PostgreSQL has no arrays of arrays of different lengths.</summary>
    private static (List<int> All, int[] Firsts, int[] Lasts) Grams(Entry[] entries)
    {
        // A text has no more trigrams than letters; two are for conversation and sender.
        var all = new List<int>(entries.Sum(entry => entry.Row.Folded.Length + 2));
        var (firsts, lasts) = (new int[entries.Length], new int[entries.Length]);
        var grams = new HashSet<int>();
        for (var i = 0; i < entries.Length; i++)
        {
            grams.Clear();
            SearchText.AddGrams(entries[i].Row.Folded, grams);
            SearchText.AddScopes(entries[i].Row.ConversationId, entries[i].Row.SenderId, grams);
            firsts[i] = all.Count + 1;
            all.AddRange(grams);
            lasts[i] = all.Count;
        }
        return (all, firsts, lasts);
    }

    // Only one writes the index at a time, so a key that is free stays free.
    private static async Task<Entry[]> Keyed(Sql sql, SearchRow[] rows, HashSet<long> taken)
    {
        var keys = Array.ConvertAll(rows, row => row.PreferredKey);
        while (Part(keys, taken))
            taken.UnionWith(await sql.All("select id from message_search where id = any(@keys)", row => row.Int64(0), ("keys", keys)));
        return [.. rows.Select((row, i) => new Entry(keys[i], row))];
    }

    /// <returns>Whether one had to move, to where there may be others.</returns>
    private static bool Part(long[] keys, HashSet<long> taken)
    {
        var (used, moved) = (new HashSet<long>(taken), false);
        for (var i = 0; i < keys.Length; i++)
        {
            while (!used.Add(keys[i])) (keys[i], moved) = (keys[i] + 1, true);
        }
        return moved;
    }

    private static Entry Map(SqlRow row) => new(row.Int64(0), new SearchRow(row.Uuid(1), row.Uuid(2), row.Uuid(3), row.Text(4), 0));

    private sealed record Entry(long Key, SearchRow Row);
}
