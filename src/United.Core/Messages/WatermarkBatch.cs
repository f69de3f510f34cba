using Npgsql;
using NpgsqlTypes;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Many moves of watermarks in one round trip of PostgreSQL, by the rules of <see cref="WatermarkStore"/>. Takes no lock on the
/// conversations: the rows are upserted in key order, as everybody locks them, and only forward whatever came between.
/// </summary>
internal static class WatermarkBatch
{
    private const string MoveRead = $"""
        with {Moves}, moved as (
            insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_read_sequence, last_read_at)
            {Reached}
            on conflict (conversation_id, user_id) do update set last_read_sequence = excluded.last_read_sequence, last_read_at = excluded.last_read_at
            where m.last_read_sequence < excluded.last_read_sequence
            returning conversation_id, user_id, last_read_sequence as sequence, last_read_at as at),
        recorded as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select c.id, m.user_id, 1, m.sequence, m.at
            from moved m join conversations c on c.id = m.conversation_id join users u on u.id = m.user_id and u.read_receipts
            where {WatermarkStore.Told} on conflict do nothing)
        select conversation_id, user_id from moved
        """;

    private const string MoveDelivered = $"""
        with {Moves}, moved as (
            insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_delivered_sequence, last_delivered_at)
            {Reached}
            on conflict (conversation_id, user_id) do update set last_delivered_sequence = excluded.last_delivered_sequence, last_delivered_at = excluded.last_delivered_at
            where m.last_delivered_sequence < excluded.last_delivered_sequence
            returning conversation_id, user_id, last_delivered_sequence as sequence, last_delivered_at as at),
        recorded as (
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select c.id, m.user_id, 2, m.sequence, m.at
            from moved m join conversations c on c.id = m.conversation_id
            where {WatermarkStore.Told} on conflict do nothing)
        select conversation_id, user_id from moved
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

    /// <summary>Writes, commits, and sets the outcome of each: whether it moved.</summary>
    /// <returns>Nothing: each caller tells of its own.</returns>
    public static async Task<List<Event>> Write(NpgsqlConnection connection, IReadOnlyList<LaneItem<bool>> moves)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var kind in moves.GroupBy(item => Move(item).Kind)) batch.BatchCommands.Add(Command(kind.Key, [.. kind.Select(Move)]));
        var moved = new HashSet<(WatermarkKind, Guid, Guid)>();
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            foreach (var kind in moves.Select(item => Move(item).Kind).Distinct())
            {
                while (await reader.ReadAsync()) moved.Add((kind, reader.GetGuid(0), reader.GetGuid(1)));
                await reader.NextResultAsync();
            }
        }
        foreach (var item in moves) item.Settle(moved.Contains((Move(item).Kind, item.ConversationId, Move(item).UserId)));
        return [];
    }

    private static WatermarkChange Move(LaneItem<bool> item) => (WatermarkChange)item.Change;

    private static NpgsqlBatchCommand Command(WatermarkKind kind, WatermarkChange[] moves)
    {
        var command = new NpgsqlBatchCommand(kind == WatermarkKind.Read ? MoveRead : MoveDelivered);
        command.Parameters.Add(Of(NpgsqlDbType.Uuid, Array.ConvertAll(moves, move => move.ConversationId)));
        command.Parameters.Add(Of(NpgsqlDbType.Uuid, Array.ConvertAll(moves, move => move.UserId)));
        command.Parameters.Add(Of(NpgsqlDbType.Bigint, Array.ConvertAll(moves, move => move.Sequence)));
        command.Parameters.Add(Of(NpgsqlDbType.Bigint, Array.ConvertAll(moves, move => move.At)));
        return command;
    }

    private static NpgsqlParameter<T[]> Of<T>(NpgsqlDbType element, T[] values) => new() { NpgsqlDbType = NpgsqlDbType.Array | element, TypedValue = values };
}
