namespace United.Core.Messages;

/// <summary>
/// For one unsigned message that answers nothing and mentions nobody, by the kind of its conversation: written, or answered as not
/// fresh. What <see cref="PostStatement"/> does with arrays, in as few nodes of a plan as will do: a message that comes alone waits for
/// each of them.
/// </summary>
internal static class LonePostStatement
{
    /// <summary>In open channels a member row may be there or not, and holds nothing but watermarks.</summary>
    public const string InChannel = $"""
        with heads as (
            {MoveHead}
            where {Writable} and (c.open or exists (select 1 from conversation_members m
                where m.conversation_id = $1 and m.user_id = $2 and m.state = 1))
            returning {Numbers}),
        {Stored},
        marks as (
            {PostStatement.Mark} select $1, $2, 0, $8, sequence, $8 from heads {PostStatement.OnlyForward})
        select {Answer}, false, false from {Always} left join heads on true
        """;

    public const string InGroup = $"""
        with heads as (
            {MoveHead} {OfMember} returning {Numbers}, {Passed} as passed),
        {Stored},
        {Read},
        told as (
            select sequence from heads c where passed and {ReceiptRules.ToldIn} and {Tells}),
        {Receipts}
        """;

    public const string InDirect = $"""
        with heads as (
            {MoveHead} {OfMember} and exists (select 1 from conversation_members o cross join (select $2 as sender_id) i
                where o.conversation_id = $1 and o.user_id <> $2 and ({PostStatement.Unsettled}) is not true)
            returning {Numbers}, {Passed} as passed),
        {Stored},
        {Read},
        told as (
            select sequence from heads where passed and {Tells}),
        {Receipts}
        """;

    private const string MoveHead =
        "update conversations c set last_sequence = c.last_sequence + 1, revision = c.revision + 1, last_message_id = $3, last_message_at = $8";

    private const string Writable = """
        c.id = $1 and c.deleted_at is null and (not c.read_only or $7 & 4 <> 0) and not exists (select 1 from messages d where d.send_key = $4)
        """;

    private const string OfMember = $"""
        from conversation_members m
            where {Writable} and m.conversation_id = $1 and m.user_id = $2 and m.state = 1
        """;

    private const string Numbers = "c.id, c.open, c.kind, c.last_sequence as sequence, c.revision";

    // There is one message, and what it has moved already is its own.
    private const string Passed = "m.last_read_sequence < c.last_sequence - 1";

    private const string Stored = $"""
        stored as (
            insert into messages ({PostStatement.Columns})
            select $1, sequence, $3, $2, $4, $5, $6, $7 & 1 <> 0, $7 & 2 <> 0, revision, $8 from heads)
        """;

    private const string Read = """
        marks as (
            update conversation_members m set last_read_sequence = sequence, last_read_at = $8
            from heads where m.conversation_id = $1 and m.user_id = $2 and m.last_read_sequence < sequence)
        """;

    private const string Tells = "(select u.read_receipts from users u where u.id = $2)";

    private const string Receipts = $"""
        receipts as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at) select $1, $2, 1, sequence, $8 from told)
        select {Answer}, passed, exists (select 1 from told) from {Always} left join heads on true
        """;

    private const string Always = "(select 1) one";

    private const string Answer = $"0, sequence is not null, {PostStatement.Numbers}";
}
