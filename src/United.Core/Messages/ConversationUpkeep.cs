using United.Core.Media;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Removes what deleted channels and ended groups have left behind, in small steps. Nobody reads these rows any more.
/// </summary>
public sealed class ConversationUpkeep(Database database)
{
    private const int MostRows = 1000;

    public async Task Run(CancellationToken ct = default)
    {
        foreach (var conversation in await database.Read(sql => sql.All("select id from conversations where deleted_at is not null", row => row.Uuid(0)), ct))
        {
            while (await database.Write(sql => Step(sql, conversation), ct))
            {
            }
        }
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> Step(Sql sql, Guid conversation)
    {
        // The lock of the search index, since its rows go too. Whoever holds it now is done by the next round.
        if (!await SearchStep.TryLock(sql)) return false;
        if (await TakeMessages(sql, conversation) || await TakeReceipts(sql, conversation) || await TakeMembers(sql, conversation)) return true;
        await TakeRest(sql, conversation);
        return false;
    }

    private static async Task<bool> TakeMessages(Sql sql, Guid conversation)
    {
        var messages = await sql.All(
            $"select id, server_sequence from messages where conversation_id = @conversation order by server_sequence limit {MostRows}",
            row => (Id: row.Uuid(0), Sequence: row.Int64(1)), ("conversation", conversation));
        if (messages.Count == 0) return false;
        Guid[] ids = [.. messages.Select(message => message.Id)];
        await SearchIndex.Remove(sql, ids);
        await MediaRows.Release(sql, ids);
        await sql.Execute("delete from reactions where message_id = any(@ids)", ("ids", ids));
        await sql.Execute("delete from message_reports where message_id = any(@ids)", ("ids", ids));
        await sql.Execute("delete from mentions where conversation_id = @conversation and server_sequence <= @last", ("conversation", conversation), ("last", messages[^1].Sequence));
        await sql.Execute("delete from messages where conversation_id = @conversation and server_sequence <= @last", ("conversation", conversation), ("last", messages[^1].Sequence));
        return true;
    }

    private static async Task<bool> TakeReceipts(Sql sql, Guid conversation) =>
        await sql.Execute($"""
            delete from receipt_events where conversation_id = @conversation and (user_id, kind, sequence) in (
                select user_id, kind, sequence from receipt_events where conversation_id = @conversation limit {MostRows})
            """, ("conversation", conversation)) > 0;

    private static async Task<bool> TakeMembers(Sql sql, Guid conversation) =>
        await sql.Execute($"""
            delete from conversation_members where conversation_id = @conversation and user_id in (
                select user_id from conversation_members where conversation_id = @conversation limit {MostRows})
            """, ("conversation", conversation)) > 0;

    private static async Task TakeRest(Sql sql, Guid conversation)
    {
        await sql.Execute("delete from search_progress where conversation_id = @conversation", ("conversation", conversation));
        await sql.Execute("delete from conversations where id = @conversation", ("conversation", conversation));
    }
}
