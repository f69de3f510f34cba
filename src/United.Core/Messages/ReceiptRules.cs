namespace United.Core.Messages;

/// <summary>
/// What others see of somebody's watermarks: the one rule behind events, lists, sync and the receipts of a message. A move that is
/// told is recorded in receipt_events by the transaction that makes it; what stands there was told and stays told, and nothing else
/// is ever shown. So whoever turns read receipts off shows nothing new, and turning them on again tells nothing of the time between.
/// </summary>
internal static class ReceiptRules
{
    /// <summary>The conversation c is one whose receipts are told to others: of two people, or a group of up to 256.</summary>
    public const string ToldIn = """
        (c.kind in (3, 4) or (c.kind = 2 and (select count(*) from
            (select 1 from conversation_members x where x.conversation_id = c.id and x.state = 1 limit 257) members) <= 256))
        """;

    /// <summary>
    /// What the member m does in the conversation c goes out to the others. Between two people: not while one has asked and there is no
    /// yes, in neither direction (where both have asked, one yes holds for both), and not where one has blocked the other.
    /// </summary>
    public const string ToldOf = """
        (c.kind not in (3, 4) or not exists (
            select 1 from conversation_members o
            left join message_requests r on r.requester_id = o.user_id and r.recipient_id = m.user_id
            left join message_requests a on a.requester_id = m.user_id and a.recipient_id = o.user_id
            left join blocks b on b.user_id = o.user_id and b.blocked_id = m.user_id
            left join blocks d on d.user_id = m.user_id and d.blocked_id = o.user_id
            where o.conversation_id = c.id and o.user_id <> m.user_id
                and (coalesce(r.state, a.state) <> 1 and coalesce(a.state, r.state) <> 1 or b.user_id is not null or d.user_id is not null)))
        """;

    /// <summary>How far the member m has read, as far as that was told. For conversations of <see cref="ToldIn"/>.</summary>
    public const string Read = """
        coalesce((select max(e.sequence) from receipt_events e
            where e.conversation_id = m.conversation_id and e.user_id = m.user_id and e.kind = 1), 0)
        """;

    /// <summary>How far the member m has received, as far as that was told. For conversations of <see cref="ToldIn"/>.</summary>
    public const string Delivered = """
        coalesce((select max(e.sequence) from receipt_events e
            where e.conversation_id = m.conversation_id and e.user_id = m.user_id and e.kind = 2), 0)
        """;
}
