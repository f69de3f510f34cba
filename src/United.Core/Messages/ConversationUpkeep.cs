using United.Core.Media;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Takes away what channels that were deleted, and groups that ended, have left behind, in small steps: nobody reads these rows any more.</summary>
public sealed class ConversationUpkeep(Database database)
{
    private const int MostRows = 1000;

    public async Task Run(CancellationToken ct = default)
    {
        while (await database.Write(Step, ct))
        {
        }
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> Step(Sql sql)
    {
        // The lock of the search index, since its rows go too.
        if (!await SearchStep.TryLock(sql)) return false;
        var deleted = await sql.All("select id from conversations where deleted_at is not null limit 1", row => row.Uuid(0));
        if (deleted is not [var conversation]) return false;
        if (!await TakeMessages(sql, conversation) && !await TakeMembers(sql, conversation)) await TakeRest(sql, conversation);
        return true;
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
