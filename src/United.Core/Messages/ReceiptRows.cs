using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Watermarks that moved: one's own everywhere, and those of others as far as they were told (<see cref="ReceiptRules"/>).</summary>
internal static class ReceiptRows
{
    /// <summary>Clocks of several servers may differ a little. Sending a watermark twice harms nobody.</summary>
    public const long Overlap = 60_000;

    private const string SelectOwn = """
        select m.conversation_id, k.kind, case k.kind when 1 then m.last_read_sequence else m.last_delivered_sequence end,
            case k.kind when 1 then m.last_read_at else m.last_delivered_at end
        from conversation_members m join conversations c on c.id = m.conversation_id
        cross join (select 1 as kind union all select 2) k
        where m.user_id = @user and (c.open or m.state = 1) and c.deleted_at is null
            and case k.kind when 1 then m.last_read_at else m.last_delivered_at end >= @since
        """;

    // The furthest that was told of each. Members who did not move since then are left out before that is looked up.
    private const string SelectOthers = $"""
        select e.conversation_id, e.kind, e.sequence, e.at, e.user_id
        from conversation_members me
        join conversations c on c.id = me.conversation_id and c.kind <> 1 and c.deleted_at is null
        join conversation_members m on m.conversation_id = c.id and m.state = 1 and m.user_id <> @user
            and (m.last_read_at >= @since or m.last_delivered_at >= @since)
        cross join (select 1 as kind union all select 2) k
        join receipt_events e on e.conversation_id = m.conversation_id and e.user_id = m.user_id and e.kind = k.kind and e.at >= @since
            and e.sequence = (select max(x.sequence) from receipt_events x
                where x.conversation_id = m.conversation_id and x.user_id = m.user_id and x.kind = k.kind)
        where me.user_id = @user and me.state = 1 and {ReceiptRules.ToldIn}
        """;

    public static async Task<List<Receipt>> Since(Sql sql, Guid userId, long since)
    {
        var from = Math.Max(0, since - Overlap);
        var own = await sql.All(SelectOwn, row => Of(row, userId), ("user", userId), ("since", from));
        var others = await sql.All(SelectOthers, row => Of(row, row.Uuid(4)), ("user", userId), ("since", from));
        return [.. own, .. others];
    }

    private static Receipt Of(SqlRow row, Guid userId) => new(row.Uuid(0), userId, (WatermarkKind)row.Int32(1), row.Int64(2), row.Int64(3));
}
