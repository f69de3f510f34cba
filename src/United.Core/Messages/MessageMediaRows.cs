using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Rows of <c>message_media</c>: which files a message holds. Who uploaded a file may put it into messages; as long as one message holds
/// it, its bytes stay.
/// </summary>
internal static class MessageMediaRows
{
    private const string Columns =
        "d.id, d.type, d.content_type, d.name, d.size, d.width, d.height, d.duration, d.waveform, d.thumbnail_id";

    private const int Width = 10;

    private const string SelectOfMessages =
        $"select {Columns}, h.message_id from message_media h join media d on d.id = h.media_id where h.message_id = any(@ids) order by h.message_id, h.sort_order";

    private const string SelectOwn = $"select {Columns} from media d where d.id = any(@ids) and d.owner_id = @owner";

    /// <summary>In the order in which each message shows them.</summary>
    public static async Task<ILookup<Guid, MessageMedia>> Of(Sql sql, Guid[] messageIds)
    {
        List<(Guid MessageId, MessageMedia Media)> rows = messageIds.Length == 0 ? [] : await sql.All(
            SelectOfMessages, row => (row.Uuid(Width), Map(row)), ("ids", messageIds));
        return rows.ToLookup(row => row.MessageId, row => row.Media);
    }

    /// <summary>
    /// The uploads of one user among these, locked: whoever collects what no message holds locks a file before looking for its holders,
    /// and so waits for this transaction.
    /// </summary>
    public static async Task<Dictionary<Guid, MessageMedia>> Hold(Sql sql, Guid ownerId, Guid[] ids) =>
        (await sql.All(sql.IsPostgres ? SelectOwn + " order by d.id for key share" : SelectOwn, Map, ("ids", ids), ("owner", ownerId)))
        .ToDictionary(media => media.Id);

    public static async Task Insert(Sql sql, Message message)
    {
        for (var i = 0; i < message.Media.Count; i++)
            await sql.Execute("insert into message_media (message_id, sort_order, media_id, conversation_id) values (@message, @order, @media, @conversation)",
                ("message", message.Id), ("order", i), ("media", message.Media[i].Id), ("conversation", message.ConversationId));
    }

    public static Task<int> Delete(Sql sql, Guid messageId) =>
        sql.Execute("delete from message_media where message_id = @id", ("id", messageId));

    private static MessageMedia Map(SqlRow row) => new(
        row.Uuid(0), (MediaType)row.Int32(1), row.Text(2), row.Text(3), row.Int64(4),
        row.IsNull(5) ? null : row.Int32(5), row.IsNull(6) ? null : row.Int32(6), row.Int64OrNull(7), row.BytesOrNull(8), row.UuidOrNull(9));
}
