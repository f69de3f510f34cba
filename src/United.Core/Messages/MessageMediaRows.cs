using United.Core.Media;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Rows of <c>message_media</c>: which files a message holds, in which order. What lets them go is <see cref="MediaRows"/>.</summary>
internal static class MessageMediaRows
{
    private const string Select =
        $"select h.message_id, {MediaRows.Columns} from message_media h join media d on d.id = h.media_id where h.message_id = any(@ids) order by h.message_id, h.sort_order";

    /// <summary>In the order in which each message shows them. Those that hold nothing are left out.</summary>
    public static async Task<Dictionary<Guid, IReadOnlyList<MessageMedia>>> Of(Sql sql, Guid[] messageIds)
    {
        if (messageIds.Length == 0) return [];
        var rows = await sql.All(Select, row => (MessageId: row.Uuid(0), Media: MediaRows.Map(row, first: 1)), ("ids", messageIds));
        return rows.GroupBy(row => row.MessageId).ToDictionary(group => group.Key, group => (IReadOnlyList<MessageMedia>)[.. group.Select(row => row.Media)]);
    }

    public static async Task Insert(Sql sql, Message message)
    {
        for (var i = 0; i < message.Media.Count; i++)
            await sql.Execute("insert into message_media (message_id, sort_order, media_id, conversation_id) values (@message, @order, @media, @conversation)",
                ("message", message.Id), ("order", i), ("media", message.Media[i].Id), ("conversation", message.ConversationId));
    }
}
