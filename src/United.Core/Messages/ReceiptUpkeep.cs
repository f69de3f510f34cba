using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Forgets when somebody got and read what, after 90 days. The furthest of each stays: it says how far others were told.
/// </summary>
public sealed class ReceiptUpkeep(Database database, TimeProvider time)
{
    // Any number, the same in every version.
    private const long StepLock = 0x756E69746566;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const string Delete = """
        delete from receipt_events where (conversation_id, user_id, kind, sequence) in (
            select e.conversation_id, e.user_id, e.kind, e.sequence from receipt_events e
            where e.at >= @from and e.at < @before and exists (
                select 1 from receipt_events f
                where f.conversation_id = e.conversation_id and f.user_id = e.user_id and f.kind = e.kind and f.sequence > e.sequence)
            order by e.at limit 1000)
        returning at
        """;

    public async Task Run(CancellationToken ct = default)
    {
        var before = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        for (long? from = 0; from is { } at;) from = await database.Write(sql => Step(sql, at, before), ct);
    }

    /// <returns>How far it came, so that what stays is walked over once; null at the end.</returns>
    private static async Task<long?> Step(Sql sql, long from, long before)
    {
        if (!await sql.TryLock(StepLock)) return null;
        var deleted = await sql.All(Delete, row => row.Int64(0), ("from", from), ("before", before));
        return deleted.Count == 0 ? null : deleted.Max();
    }
}
