using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Watermarks that moved: one's own everywhere, and those of others where receipts are told (direct conversations, dms, groups of
/// up to 256), but the reads of those who do not want theirs told.
/// </summary>
internal static class ReceiptRows
{
    // Clocks of several servers may differ a little. Sending a watermark twice harms nobody.
    private const long Overlap = 60_000;

    private const string Columns =
        "m.conversation_id, m.user_id, m.last_read_sequence, m.last_read_at, m.last_delivered_sequence, m.last_delivered_at";

    private const string SelectOwn = $"""
        select {Columns}, true from conversation_members m join conversations c on c.id = m.conversation_id
        where m.user_id = @user and (c.open or m.state = 1) and c.deleted_at is null and (m.last_read_at >= @since or m.last_delivered_at >= @since)
        """;

    private const string SelectOthers = $"""
        select {Columns}, u.read_receipts from conversation_members me
        join conversations c on c.id = me.conversation_id and c.kind <> 1 and c.deleted_at is null
        join conversation_members m on m.conversation_id = c.id and m.state = 1 and m.user_id <> @user
        join users u on u.id = m.user_id
        where me.user_id = @user and me.state = 1 and (m.last_read_at >= @since or m.last_delivered_at >= @since)
            and {WatermarkStore.Told}
        """;

    public static async Task<List<Receipt>> Since(Sql sql, Guid userId, long since)
    {
        var from = Math.Max(0, since - Overlap);
        var own = await sql.All(SelectOwn, row => Moves(row, from), ("user", userId), ("since", from));
        var others = await sql.All(SelectOthers, row => Moves(row, from), ("user", userId), ("since", from));
        return [.. own.Concat(others).SelectMany(moves => moves)];
    }

    private static List<Receipt> Moves(SqlRow row, long since)
    {
        var moves = new List<Receipt>(2);
        if (row.Bool(6) && row.Int64OrNull(3) is { } read && read >= since)
            moves.Add(new Receipt(row.Uuid(0), row.Uuid(1), WatermarkKind.Read, row.Int64(2), read));
        if (row.Int64OrNull(5) is { } delivered && delivered >= since)
            moves.Add(new Receipt(row.Uuid(0), row.Uuid(1), WatermarkKind.Delivered, row.Int64(4), delivered));
        return moves;
    }
}
