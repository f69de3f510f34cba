namespace United.Core.Messages;

/// <summary>
/// Messages that were stamped above a revision, lowest first, on SQLite, which has no index of all of them. Number and revision are
/// taken together under the lock of the conversation and rise together; only an edit, a deletion or the loss of a shared post stamps anew.
/// So the unchanged messages above a revision are those above one sequence, which is found by halving; the changed ones have a small index.
/// </summary>
internal static class RevisedMessages
{
    /// <summary>Rows of <c>messages</c>; takes <c>@id</c>, <c>@since</c> and <c>@most</c>.</summary>
    public const string Select = $"""
        select * from (select * from messages t where t.conversation_id = @id and t.revision > @since and {Changed} order by t.revision limit @most)
        union all
        select * from (select * from messages t where t.conversation_id = @id and t.server_sequence > ({Last}) and not {Changed} order by t.server_sequence limit @most)
        order by revision limit @most
        """;

    // As the index says it.
    private const string Changed = "(t.edited_at is not null or t.deleted or t.type = 3 and t.shared_post_id is null)";

    // The last unchanged message up to the revision is at low or behind it, and before high. No more messages than revisions came since:
    // near the head, where most ask, there is little to halve. Where a changed message stands in the middle the next unchanged one is asked.
    private const string Last = $"""
        with recursive probe (low, high) as (
            select max(0, c.last_sequence - max(0, c.revision - @since)), c.last_sequence + 1 from conversations c where c.id = @id
            union all
            select iif(x.revision <= @since, x.server_sequence, p.low), iif(x.revision <= @since, p.high, (p.low + p.high) / 2)
            from probe p left join messages x on x.conversation_id = @id and x.server_sequence = (
                select t.server_sequence from messages t
                where t.conversation_id = @id and t.server_sequence >= (p.low + p.high) / 2 and t.server_sequence < p.high and not {Changed}
                order by t.server_sequence limit 1)
            where p.high - p.low > 1)
        select max(low) from probe
        """;
}
