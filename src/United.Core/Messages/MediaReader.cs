using United.Core.Media;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Who may see an uploaded file: its uploader, whoever may read a message that holds it, everybody where it is somebody's avatar, the members of a
/// group whose avatar it is, and the moderators while their queue shows them a message that holds it. A thumbnail is seen by whoever sees what it
/// stands for.
/// </summary>
public sealed class MediaReader(Database database)
{
    // The file itself, and what it is a thumbnail of.
    private const string Shown = "(select id from media where id = @id or thumbnail_id = @id)";

    /// <returns>Not found if there is no such file, and if the caller may not know of it.</returns>
    public Task<Result<FoundMedia>> Find(Caller caller, Guid id, CancellationToken ct = default) => database.Read<Result<FoundMedia>>(async sql =>
    {
        var found = await sql.One($"select d.owner_id, d.sha256, {MediaRows.Columns} from media d where d.id = @id",
            row => (Owner: row.Uuid(0), Media: new FoundMedia(MediaRows.Map(row, 2), row.Bytes(1))), ("id", id));
        if (found.Media is null) return Fault.NotFound;
        return found.Owner == caller.UserId || await IsUsersAvatar(sql, id) || await IsReadable(sql, caller.UserId, id) || await IsInQueue(sql, caller, id)
            ? found.Media
            : Fault.NotFound;
    }, ct);

    private static Task<bool> IsUsersAvatar(Sql sql, Guid id) => sql.Exists($"select 1 from users where avatar_media_id in {Shown}", ("id", id));

    // An avatar is seen by who may read anything at all there: as if it stood on the newest message.
    private static async Task<bool> IsReadable(Sql sql, Guid userId, Guid id)
    {
        var places = await sql.All(
            $"""
            select x.conversation_id, max(x.server_sequence) from message_media m join messages x on x.id = m.message_id
            where m.media_id in {Shown} and not x.deleted group by x.conversation_id
            union all select id, null from conversations where avatar_media_id in {Shown}
            """,
            row => (Conversation: row.Uuid(0), Newest: row.Int64OrNull(1) ?? long.MaxValue), ("id", id));
        if (places.Count == 0) return false;
        var access = await ReadAccess.Of(sql, userId, [.. places.Select(place => place.Conversation).Distinct()]);
        return places.Exists(place => access.TryGetValue(place.Conversation, out var granted) && place.Newest > granted.HiddenSequence);
    }

    private static async Task<bool> IsInQueue(Sql sql, Caller caller, Guid id) => caller.May(Permissions.ManageMessages) && await sql.Exists(
        $"""
        select 1 from message_media f join messages x on x.id = f.message_id {FlaggedMessages.Visible}
            and f.media_id in {Shown} and (x.flagged or exists (select 1 from message_reports r where r.message_id = x.id)) limit 1
        """, ("user", caller.UserId), ("id", id));
}

/// <param name="Hash">SHA-256 of its bytes.</param>
public sealed record FoundMedia(MessageMedia Media, byte[] Hash);
