using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Forgets who got and read what, and when, after 90 days. The watermarks themselves stay.</summary>
public sealed class ReceiptUpkeep(Database database, TimeProvider time)
{
    // Any number, the same in every version.
    private const long StepLock = 0x756E69746566;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const string Delete = """
        delete from receipt_events where (conversation_id, user_id, kind, sequence) in (
            select conversation_id, user_id, kind, sequence from receipt_events where at < @before order by at limit 1000)
        """;

    public async Task Run(CancellationToken ct = default)
    {
        var before = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        while (await database.Write(async sql => await sql.TryLock(StepLock) && await sql.Execute(Delete, ("before", before)) > 0, ct))
        {
        }
    }
}
