using United.Core.Storage;

namespace United.Core.Media;

/// <summary>
/// The rows of <c>media</c>, for those whose rows hold them: messages, users and groups (as avatars), other media (as thumbnails). Who holds one
/// takes a lock of it first; who lets one go marks it, and the collection looks whether anybody else holds it.
/// </summary>
internal static class MediaRows
{
    /// <summary>Of media as d, for <see cref="Map"/>.</summary>
    public const string Columns = "d.id, d.type, d.content_type, d.name, d.size, d.width, d.height, d.duration, d.waveform, d.thumbnail_id";

    /// <summary>
    /// What this user uploaded of these, locked against the collection until the end of the transaction. In a later statement than the locks of
    /// conversations and members.
    /// </summary>
    public static Task<List<MessageMedia>> Hold(Sql sql, Guid ownerId, Guid[] ids) => sql.All(
        $"select {Columns} from media d where d.id = any(@ids) and d.owner_id = @owner order by d.id" + (sql.IsPostgres ? " for key share" : ""),
        row => Map(row), ("ids", ids), ("owner", ownerId));

    /// <summary>The messages are gone for everybody: they hold nothing any more.</summary>
    public static async Task Release(Sql sql, Guid[] messageIds)
    {
        await sql.Execute("""
            update media set collect_at = 0 where id in (select media_id from message_media where message_id = any(@ids))
            """, ("ids", messageIds));
        await sql.Execute("delete from message_media where message_id = any(@ids)", ("ids", messageIds));
    }

    /// <summary>An avatar was replaced.</summary>
    public static Task Release(Sql sql, Guid mediaId) => sql.Execute("update media set collect_at = 0 where id = @id", ("id", mediaId));

    /// <summary>An account ended: of its uploads only those stay that others hold.</summary>
    public static Task ReleaseAllOf(Sql sql, Guid ownerId) => sql.Execute("update media set collect_at = 0 where owner_id = @owner", ("owner", ownerId));

    /// <param name="first">The column where <see cref="Columns"/> begin.</param>
    public static MessageMedia Map(SqlRow row, int first = 0) => new(
        row.Uuid(first), (MediaType)row.Int32(first + 1), row.Text(first + 2), row.Text(first + 3), row.Int64(first + 4),
        row.IsNull(first + 5) ? null : row.Int32(first + 5), row.IsNull(first + 6) ? null : row.Int32(first + 6),
        row.Int64OrNull(first + 7), row.BytesOrNull(first + 8), row.UuidOrNull(first + 9));
}
