using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>Takes away what deleted channels have left behind, in small steps: nobody reads these rows any more.</summary>
public sealed class ChannelUpkeep(Database database)
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
        var deleted = await sql.All("select id from conversations where kind = 1 and deleted_at is not null limit 1", row => row.Uuid(0));
        if (deleted is not [var channel]) return false;
        if (!await TakeMessages(sql, channel) && !await TakeMembers(sql, channel)) await TakeRest(sql, channel);
        return true;
    }

    private static async Task<bool> TakeMessages(Sql sql, Guid channel)
    {
        var messages = await sql.All(
            $"select id, server_sequence from messages where conversation_id = @channel order by server_sequence limit {MostRows}",
            row => (Id: row.Uuid(0), Sequence: row.Int64(1)), ("channel", channel));
        if (messages.Count == 0) return false;
        Guid[] ids = [.. messages.Select(message => message.Id)];
        await SearchIndex.Remove(sql, ids);
        await MediaRows.Release(sql, ids);
        await sql.Execute("delete from reactions where message_id = any(@ids)", ("ids", ids));
        await sql.Execute("delete from message_reports where message_id = any(@ids)", ("ids", ids));
        await sql.Execute("delete from mentions where conversation_id = @channel and server_sequence <= @last", ("channel", channel), ("last", messages[^1].Sequence));
        await sql.Execute("delete from messages where conversation_id = @channel and server_sequence <= @last", ("channel", channel), ("last", messages[^1].Sequence));
        return true;
    }

    private static async Task<bool> TakeMembers(Sql sql, Guid channel) =>
        await sql.Execute($"""
            delete from conversation_members where conversation_id = @channel and user_id in (
                select user_id from conversation_members where conversation_id = @channel limit {MostRows})
            """, ("channel", channel)) > 0;

    private static async Task TakeRest(Sql sql, Guid channel)
    {
        await sql.Execute("delete from search_progress where conversation_id = @channel", ("channel", channel));
        await sql.Execute("delete from conversations where id = @channel", ("channel", channel));
    }
}
