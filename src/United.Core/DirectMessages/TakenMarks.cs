using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// The marks in <c>conversation_members.taken_sequence</c>: up to there each message of the other was taken, or has an entry in
/// dm_offline_queue; past it all of them wait. Whoever moves a mark holds the lock of its row, and writes in the same transaction the
/// entries of what it passes over. Rows are locked in key order, as everybody locks them, and before the entries.
/// </summary>
internal static class TakenMarks
{
    /// <summary>What was marked as delivered, or hidden, has arrived: it needs no entry.</summary>
    public const string Delivered = "greatest(m.hidden_sequence, m.last_delivered_sequence)";

    /// <summary>
    /// What is marked as read has been there as well, and loses its entries at that moment (<see cref="WatermarkStore"/>). Writing moves the
    /// watermark too, perhaps past messages that were never fetched: those get their entries first (<see cref="PassOver"/>).
    /// </summary>
    public const string Reached = $"greatest(m.last_read_sequence, {Delivered})";

    /// <summary>Above it the messages of the other wait for the member m.</summary>
    public const string Mark = $"greatest(m.taken_sequence, {Reached})";

    /// <summary>The messages x that wait for the member m past the mark.</summary>
    public const string Past = $"x.conversation_id = m.conversation_id and x.server_sequence > {Mark} and x.sender_id <> m.user_id and x.type = 5 and not x.deleted";

    private const string SelectMarks = $"""
        select m.conversation_id, m.user_id, {Mark} from conversation_members m
        where m.user_id = @user and m.conversation_id = any(@conversations) order by m.conversation_id
        """;

    // Within a conversation times only rise: the first past the mark is the oldest. Who is gone for good waits for nothing.
    private const string SelectBehind = $"""
        select m.conversation_id, m.user_id, {Mark}
        from direct_pairs p join conversations c on c.id = p.conversation_id join conversation_members m on m.conversation_id = p.conversation_id
        join users u on u.id = m.user_id and u.deleted_at is null
        where p.kind = 4 and c.last_sequence > {Mark} and (
            select x.timestamp from messages x where x.conversation_id = m.conversation_id and x.server_sequence > {Mark} order by x.server_sequence limit 1) < @before
        order by m.conversation_id, m.user_id limit @most
        """;

    private const string SelectNamed =
        "select x.conversation_id, x.server_sequence from messages x where x.id = any(@ids) and x.type = 5 and x.sender_id <> @user and not x.deleted";

    private const string InsertEntries = $"""
        insert into dm_offline_queue (recipient_id, message_id, conversation_id, bytes, queued_at)
        select m.user_id, x.id, x.conversation_id, length(x.payload), x.timestamp
        from conversation_members m join messages x on {Past}
        where m.conversation_id = @conversation and m.user_id = @user and x.server_sequence <= @to and not (x.id = any(@taken))
        """;

    /// <summary>Takes these messages, in whatever order. Those that the marks pass over get an entry each.</summary>
    /// <returns>How many of them waited.</returns>
    public static async Task<int> Take(Sql sql, Guid userId, Guid[] messageIds)
    {
        var named = (await sql.All(SelectNamed, row => (Conversation: row.Uuid(0), Sequence: row.Int64(1)), ("ids", messageIds), ("user", userId)))
            .ToLookup(message => message.Conversation, message => message.Sequence);
        var waited = 0;
        foreach (var mark in await Locked(sql, SelectMarks, "", ("user", userId), ("conversations", named.Select(of => of.Key).ToArray())))
        {
            long[] past = [.. named[mark.ConversationId].Where(sequence => sequence > mark.Sequence)];
            if (past.Length == 0) continue;
            // One after the other, as connections take them, nothing is passed over.
            if (past.Length < past.Max() - mark.Sequence) await Keep(sql, mark, past.Max(), messageIds);
            await Move(sql, mark, past.Max());
            waited += past.Length;
        }
        return waited + await sql.Execute("delete from dm_offline_queue where recipient_id = @user and message_id = any(@ids)", ("user", userId), ("ids", messageIds));
    }

    /// <summary>Makes entries of what waits for somebody up to this number, since they are about to write below it.</summary>
    public static async Task PassOver(Sql sql, Guid userId, Guid conversationId, long to)
    {
        foreach (var mark in await Locked(sql, SelectMarks, "", ("user", userId), ("conversations", (Guid[])[conversationId])))
        {
            if (mark.Sequence >= to) continue;
            await Keep(sql, mark, to, taken: []);
            await Move(sql, mark, to);
        }
    }

    /// <summary>Makes entries of what waits past the marks of up to <paramref name="most"/> members since before a time (Unix milliseconds).</summary>
    /// <returns>Whether there may be more.</returns>
    public static async Task<bool> Settle(Sql sql, long before, int most)
    {
        var behind = await Locked(sql, SelectBehind, " of m", ("before", before), ("most", most));
        foreach (var mark in behind)
        {
            var last = await sql.Count("select max(server_sequence) from messages where conversation_id = @conversation and server_sequence > @mark and timestamp < @before",
                ("conversation", mark.ConversationId), ("mark", mark.Sequence), ("before", before));
            await Keep(sql, mark, last, taken: []);
            await Move(sql, mark, last);
        }
        return behind.Count == most;
    }

    private static Task<List<TakenMark>> Locked(Sql sql, string marks, string of, params (string, object?)[] values) =>
        sql.All(sql.IsPostgres ? $"{marks} for no key update{of}" : marks, row => new TakenMark(row.Uuid(0), row.Uuid(1), row.Int64(2)), values);

    private static Task<int> Keep(Sql sql, TakenMark mark, long to, Guid[] taken) => sql.Execute(InsertEntries,
        ("conversation", mark.ConversationId), ("user", mark.UserId), ("to", to), ("taken", taken));

    private static Task<int> Move(Sql sql, TakenMark mark, long to) => sql.Execute(
        "update conversation_members set taken_sequence = @to where conversation_id = @conversation and user_id = @user",
        ("to", to), ("conversation", mark.ConversationId), ("user", mark.UserId));

    private readonly record struct TakenMark(Guid ConversationId, Guid UserId, long Sequence);
}
