namespace United.Core.Messages;

/// <summary>
/// The statements of <see cref="PostBatch"/>. Each look-up is a lateral subquery with a limit and has exactly one usable index, so
/// that it stays one index probe per row whatever the statistics say; <c>offset 0</c> keeps the judgement from being made again by
/// everybody who reads it. Member rows are upserted in key order, as everybody locks them.
/// </summary>
internal static class PostStatement
{
    /// <summary>
    /// For unsigned messages of channels that answer nothing and mention nobody. All are written or none: the numbers within a
    /// conversation come with the messages, so nothing has to be sorted.
    /// </summary>
    public const string Plain = $"""
        with judged as (
            select {Seen}, {Next}, case {Rules} else 0 end as verdict
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) with ordinality as i ({Given}, nth, ord) {LookUps} offset 0),
        {Stored}
        select {AllOrNone}, false, false, {Found} from judged order by ord
        """;

    /// <summary>The same for conversations of all kinds.</summary>
    public const string Talk = $"""
        with judged as (
            select {Seen}, {Next}, case {Rules} {Between} else 0 end as verdict, {Passed} as passed,
                {Told} as told
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) with ordinality as i ({Given}, nth, own, ord) {LookUps} {Other} offset 0),
        {Stored},
        {Receipts}
        select {AllOrNone}, passed, told, {Found} from judged order by ord
        """;

    /// <summary>For everything else: judges and numbers each message for itself.</summary>
    public const string Full = $"""
        with judged as (
            select {Seen}, c.revision as head, r.server_sequence as r_sequence, r.sender_id as r_sender, r.content as r_content, r.deleted as r_deleted,
                case {Rules} when i.reply_to_id is not null and r.sender_id is null then 4 {Between} else 0 end as verdict
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) with ordinality
                as i ({Given}, reply_to_id, mentions, signature, envelope, ord) {LookUps} {Other}
            left join lateral (select * from (select server_sequence, sender_id, content, deleted, conversation_id
                from messages r where r.id = i.reply_to_id limit 1) r where r.conversation_id = i.conversation_id) r on true
            offset 0),
        numbered as (
            select *, verdict = 0 and d_id is null as fresh, last_sequence + nth as sequence, head + nth as revision
            from (select *, count(*) filter (where verdict = 0 and d_id is null)
                over (partition by conversation_id order by ord rows unbounded preceding) as nth from judged) j),
        stored as (
            insert into messages ({Columns}, reply_to_id, signature, envelope)
            select {Values}, reply_to_id, signature, envelope from numbered where fresh),
        heads as (
            update conversations c set {Head}
            from (select distinct on (conversation_id) conversation_id, sequence, revision, id, timestamp
                from numbered where fresh order by conversation_id, sequence desc) f
            where c.id = f.conversation_id),
        marks as (
            {Mark} select distinct on (conversation_id, sender_id) conversation_id, sender_id, 0, timestamp, sequence, timestamp
            from numbered where fresh order by conversation_id, sender_id, sequence desc {OnlyForward}),
        passed as (
            select conversation_id as id, sender_id, min(kind) as kind, max(sequence) as sequence, max(timestamp) as timestamp
            from numbered where fresh and kind <> 1 group by conversation_id, sender_id
            having max(last_read_sequence) < max(sequence) - count(*)),
        told as (
            select c.* from passed c join users u on u.id = c.sender_id and u.read_receipts where {ReceiptRules.ToldIn}),
        receipts as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select id, sender_id, 1, sequence, timestamp from told),
        named as (
            insert into mentions (conversation_id, server_sequence, kind, target_id)
            select conversation_id, sequence, left(x, 1)::smallint, substr(x, 2)::uuid
            from numbered cross join lateral string_to_table(mentions, ',') x where fresh and mentions <> ''
            union all
            select conversation_id, sequence, 4, r_sender from numbered where fresh and r_sender <> sender_id)
        select verdict, fresh, {Numbers},
            (conversation_id, sender_id, sequence) in (select id, sender_id, sequence from passed),
            (conversation_id, sender_id, sequence) in (select id, sender_id, sequence from told),
            {Found}, r_sequence, r_sender, r_content, r_deleted
        from numbered order by ord
        """;

    private const string Given = "conversation_id, sender_id, id, send_key, client_id, content, flags, timestamp";

    internal const string Seen = """
        i.*, c.kind, c.open, c.last_sequence, m.last_read_sequence,
                d.id as d_id, d.server_sequence as d_sequence, d.revision as d_revision, d.timestamp as d_timestamp, d.changed as d_changed
        """;

    internal const string Next = "c.last_sequence + i.nth as sequence, c.revision + i.nth as revision";

    // Numbers of PostVerdict. Whoever repeats what is stored already is answered with it, whatever has changed since.
    private const string Rules = """
        when c.kind is null then 1
                when d.id is not null then 0
                when not c.open and m.state is distinct from 1 then 1
                when c.kind = 4 then 2
                when c.read_only and i.flags & 4 = 0 then 3
        """;

    // Two people who have never written, a request that is not accepted, a block: rare, and left to PostChange, which judges all of it.
    private const string Between = $"when c.kind = 3 and ({Unsettled}) then 7";

    /// <summary>Of the conversation c of two, in which i.sender_id writes to o.user_id.</summary>
    internal const string Unsettled = """
        c.last_sequence = 0
                    or (select 1 from blocks b where b.user_id = o.user_id and b.blocked_id = i.sender_id limit 1) is not null
                    or (select 1 from blocks b where b.user_id = i.sender_id and b.blocked_id = o.user_id limit 1) is not null
                    or (select q.state from message_requests q where q.requester_id = i.sender_id and q.recipient_id = o.user_id limit 1) <> 1
                    or (select q.state from message_requests q where q.requester_id = o.user_id and q.recipient_id = i.sender_id limit 1) <> 1
        """;

    // Whoever writes has read what stands above. Where others had written there, the sender's other devices hear of it, and the others too if
    // receipts are told.
    internal const string Passed = "(c.kind <> 1 and i.flags & 16 <> 0 and m.last_read_sequence < c.last_sequence + i.nth - i.own)";

    private const string Told = $"""
        case when {Passed} then {ReceiptRules.ToldIn} and (select u.read_receipts from users u where u.id = i.sender_id limit 1) else false end
        """;

    internal const string LookUps = """
        left join lateral (select c.id, c.kind, c.open, c.read_only, c.last_sequence, c.revision, c.last_message_at
                from conversations c where c.id = i.conversation_id and c.deleted_at is null limit 1) c on true
            left join lateral (select m.state, m.last_read_sequence
                from conversation_members m where not c.open and m.conversation_id = i.conversation_id and m.user_id = i.sender_id limit 1) m on true
            left join lateral (select d.id, d.server_sequence, d.revision, d.timestamp, d.edited_at is not null or d.deleted as changed
                from messages d where d.send_key = i.send_key limit 1) d on true
        """;

    private const string Other = """
        left join lateral (select o.user_id from conversation_members o
                where c.kind = 3 and o.conversation_id = i.conversation_id and o.user_id <> i.sender_id limit 1) o on true
        """;

    internal const string Columns =
        "conversation_id, server_sequence, id, sender_id, send_key, client_id, content, flagged, late, revision, timestamp";

    private const string Values =
        "conversation_id, sequence, id, sender_id, send_key, client_id, content, flags & 1 <> 0, flags & 2 <> 0, revision, timestamp";

    private const string Head = "last_sequence = f.sequence, revision = f.revision, last_message_id = f.id, last_message_at = f.timestamp";

    internal const string Mark =
        "insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_read_sequence, last_read_at)";

    internal const string OnlyForward = """
        on conflict (conversation_id, user_id) do update set last_read_sequence = excluded.last_read_sequence, last_read_at = excluded.last_read_at
                where m.last_read_sequence < excluded.last_read_sequence
        """;

    private const string Stored = $"""
        fresh as (
            select bool_and(verdict = 0 and d_id is null) as every from judged),
        stored as (
            insert into messages ({Columns}) select {Values} from judged where (select every from fresh)),
        {Moved}
        """;

    /// <summary>The conversations' heads and the senders' marks, where every one of <c>fresh</c> is written.</summary>
    internal const string Moved = $"""
        heads as (
            update conversations c set {Head}
            from judged f where c.id = f.conversation_id and f.flags & 8 <> 0 and (select every from fresh)),
        marks as (
            {Mark} select conversation_id, sender_id, 0, timestamp, sequence, timestamp
            from judged where flags & 16 <> 0 and (select every from fresh) order by conversation_id, sender_id {OnlyForward})
        """;

    private const string Receipts = """
        receipts as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select conversation_id, sender_id, 1, sequence, timestamp from judged where told and (select every from fresh))
        """;

    internal const string Numbers = "open, kind, sequence, revision";

    private const string Found = "d_id, d_sequence, d_revision, d_timestamp, d_changed";

    private const string AllOrNone = $"verdict, (select every from fresh), {Numbers}";

    /// <summary>Kind (one digit) and id (hex) of each, with commas between; null for none.</summary>
    public static string? Mentions(PostDraft draft) =>
        draft.Mentions.Count == 0 ? null : string.Join(',', draft.Mentions.Select(mention => $"{(int)mention.Kind}{mention.Target:N}"));
}
