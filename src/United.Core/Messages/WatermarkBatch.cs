using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Many moves of watermarks in one round trip of PostgreSQL, by the rules of <see cref="WatermarkStore"/>. Takes no lock on the
/// conversations: the rows are upserted in key order, as everybody locks them, and only forward whatever came between.
/// </summary>
internal sealed class WatermarkBatch(NpgsqlConnection connection) : LaneBatch
{
    private const string MoveRead = $"""
        with {Moves}, moved as (
            insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_read_sequence, last_read_at)
            {Reached}
            on conflict (conversation_id, user_id) do update set last_read_sequence = excluded.last_read_sequence, last_read_at = excluded.last_read_at
            where m.last_read_sequence < excluded.last_read_sequence
            returning conversation_id, user_id, last_read_sequence as sequence, last_read_at as at),
        told as (
            select m.* from moved m join conversations c on c.id = m.conversation_id join users u on u.id = m.user_id
            where u.read_receipts and {ReceiptRules.ToldIn} and {ReceiptRules.ToldOf}),
        recorded as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select conversation_id, user_id, 1, sequence, at from told on conflict do nothing),
        fetched as (
            delete from dm_offline_queue q using moved m join conversations c on c.id = m.conversation_id and c.kind = 4
            where q.recipient_id = m.user_id and q.conversation_id = m.conversation_id
                and (select x.server_sequence from messages x where x.id = q.message_id) <= m.sequence)
        {Answer}
        """;

    private const string MoveDelivered = $"""
        with {Moves}, moved as (
            insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_delivered_sequence, last_delivered_at)
            {Reached}
            on conflict (conversation_id, user_id) do update set last_delivered_sequence = excluded.last_delivered_sequence, last_delivered_at = excluded.last_delivered_at
            where m.last_delivered_sequence < excluded.last_delivered_sequence
            returning conversation_id, user_id, last_delivered_sequence as sequence, last_delivered_at as at),
        told as (
            select m.* from moved m join conversations c on c.id = m.conversation_id
            where {ReceiptRules.ToldIn} and {ReceiptRules.ToldOf}),
        recorded as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select conversation_id, user_id, 2, sequence, at from told on conflict do nothing)
        {Answer}
        """;

    private const string Moves = """
        moves as (
            select distinct on (conversation_id, user_id) * from unnest($1, $2, $3, $4) as t (conversation_id, user_id, sequence, at)
            order by conversation_id, user_id, sequence desc)
        """;

    private const string Reached = """
        select k.conversation_id, k.user_id, 0, k.at, least(k.sequence, c.last_sequence), k.at
            from moves k
            cross join lateral (select open, last_sequence from conversations c where c.id = k.conversation_id and c.deleted_at is null limit 1) c
            left join lateral (select state from conversation_members m
                where m.conversation_id = k.conversation_id and m.user_id = k.user_id limit 1) m on true
            where (c.open or m.state = 1) and least(k.sequence, c.last_sequence) > 0
            order by k.conversation_id, k.user_id
        """;

    // With the message at the watermark, where others are told.
    private const string Answer = """
        select m.conversation_id, m.user_id, m.sequence, m.at, case when t.user_id is not null then
                (select x.id from messages x where x.conversation_id = m.conversation_id and x.server_sequence = m.sequence) end
        from moved m left join told t on t.conversation_id = m.conversation_id and t.user_id = m.user_id
        """;

    // The events are those for others. The callers' own devices are told by Watermarks.
    public override async Task<List<Event>> Write(IReadOnlyList<LaneItem> items, OneByOne oneByOne)
    {
        await using var batch = new NpgsqlBatch(connection);
        var kinds = items.Select(Move).GroupBy(move => move.Kind).ToList();
        foreach (var kind in kinds) batch.BatchCommands.Add(Command(kind.Key, [.. kind]));
        var (moved, events) = (new HashSet<(WatermarkKind, Guid, Guid)>(), new List<Event>());
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            foreach (var kind in kinds)
            {
                while (await reader.ReadAsync())
                {
                    moved.Add((kind.Key, reader.GetGuid(0), reader.GetGuid(1)));
                    if (!reader.IsDBNull(4)) events.Add(Told(kind.Key, reader));
                }
                await reader.NextResultAsync();
            }
        }
        foreach (var item in items.Cast<LaneItem<bool>>()) item.Settle(moved.Contains((Move(item).Kind, item.ConversationId, Move(item).UserId)));
        return events;
    }

    public override ValueTask DisposeAsync() => default;

    private static ReceiptMoved Told(WatermarkKind kind, NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), reader.GetGuid(1), kind, reader.GetInt64(2), reader.GetGuid(4), reader.GetInt64(3));

    private static WatermarkChange Move(LaneItem item) => (WatermarkChange)item.Change;

    private static NpgsqlBatchCommand Command(WatermarkKind kind, WatermarkChange[] moves) => new(kind == WatermarkKind.Read ? MoveRead : MoveDelivered)
    {
        Parameters =
        {
            Many(moves, move => move.ConversationId),
            Many(moves, move => move.UserId),
            Many(moves, move => move.Sequence),
            Many(moves, move => move.At),
        },
    };

    private static NpgsqlParameter<T[]> Many<T>(WatermarkChange[] moves, Converter<WatermarkChange, T> value) =>
        new() { TypedValue = Array.ConvertAll(moves, value) };
}
