using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// Ends the entries of the offline queue after 30 days, and counts those that nobody fetched. No entry goes early on account of a clock:
/// time by which it is not sure destroys nothing, and where the clock was set forward all entries are moved with it. Set back, they live
/// longer.
/// </summary>
public sealed class OfflineUpkeep(Database database, TimeProvider time)
{
    // Any number, the same in every version.
    private const long StepLock = 0x756E69746567;
    private const int MostRows = 1_000;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string DeleteOld = """
        delete from dm_offline_queue where message_id in (
            select message_id from dm_offline_queue where queued_at < @before order by queued_at limit @most)
        returning conversation_id, recipient_id
        """;

    private const string Note = """
        insert into dm_offline_expired (conversation_id, recipient_id, count) values (@conversation, @recipient, @count)
        on conflict (conversation_id, recipient_id) do update set count = dm_offline_expired.count + excluded.count
        """;

    private const string DeletePassed = $"""
        delete from dm_offline_queue where message_id in (
            select q.message_id from dm_offline_queue q join messages x on x.id = q.message_id
            join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
            where {OfflineQueue.Passed} limit @most)
        """;

    private readonly SureClock _clock = new(time);

    public async Task Run(CancellationToken ct = default)
    {
        while (await database.Write(sql => sql.Execute(DeletePassed, ("most", MostRows)), ct) == MostRows)
        {
        }
        if (_clock.Read() is not { } reading) return;
        if (reading.Jump > TimeSpan.Zero)
            await database.Write(sql => sql.Execute("update dm_offline_queue set queued_at = queued_at + @by", ("by", (long)reading.Jump.TotalMilliseconds)), ct);
        if (reading.Jump == TimeSpan.Zero) await Expire(reading.Now - Kept, ct);
    }

    private async Task Expire(DateTimeOffset before, CancellationToken ct)
    {
        while (await database.Write(sql => Step(sql, before.ToUnixTimeMilliseconds()), ct))
        {
        }
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> Step(Sql sql, long before)
    {
        if (!await sql.TryLock(StepLock)) return false;
        var expired = await sql.All(DeleteOld, row => (Conversation: row.Uuid(0), Recipient: row.Uuid(1)), ("before", before), ("most", MostRows));
        foreach (var lost in expired.CountBy(row => row).OrderBy(lost => lost.Key))
            await sql.Execute(Note, ("conversation", lost.Key.Conversation), ("recipient", lost.Key.Recipient), ("count", lost.Value));
        return expired.Count == MostRows;
    }
}
