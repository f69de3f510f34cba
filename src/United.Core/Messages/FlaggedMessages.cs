using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// The moderators' queue: messages that matched the word list, of conversations that the moderator may read. A flag is told to nobody
/// else and changes nothing that readers see, so taking it off needs no revision and no lock.
/// </summary>
public sealed class FlaggedMessages(Database database, MessageLog log, TimeProvider time)
{
    private const string Readable = """
        from messages x join conversations c on c.id = x.conversation_id
        left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where x.flagged and not x.deleted and c.deleted_at is null and (c.open or m.state = 1)
        """;

    /// <summary>The newest first.</summary>
    /// <param name="after">The last message of the page before.</param>
    public async Task<Result<List<Message>>> List(Caller caller, FlaggedPlace? after, int limit, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        return await database.Snapshot(async sql =>
        {
            var ids = await sql.All(
                $"select x.id {Readable} and (x.timestamp, x.id) < (@at, @id) order by x.timestamp desc, x.id desc limit @limit", row => row.Uuid(0),
                ("user", caller.UserId), ("at", after?.Timestamp ?? long.MaxValue), ("id", after?.MessageId ?? Guid.AllBitsSet), ("limit", limit));
            var messages = (await MessageRows.ByIds(sql, [.. ids])).ToDictionary(message => message.Id);
            return ids.ConvertAll(id => messages[id]);
        }, ct);
    }

    /// <summary>Nothing is wrong with it.</summary>
    public async Task<Result<Done>> Dismiss(Caller caller, Guid messageId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        return await database.Write<Result<Done>>(async sql =>
        {
            if (await Find(sql, caller, messageId) is null) return Fault.NotFound;
            await sql.Execute("update messages set flagged = false where id = @id", ("id", messageId));
            await Audit.Write(sql, time, caller.UserId, "message.dismissed", messageId);
            return default(Done);
        }, ct);
    }

    /// <summary>Takes it back for everybody.</summary>
    public async Task<Result<Done>> Delete(Caller caller, Guid messageId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        var conversation = await database.Read(sql => Find(sql, caller, messageId), ct);
        return conversation is { } id ? await log.Delete(caller, new DeleteMessage(id, messageId), ct) : Fault.NotFound;
    }

    private static Task<Guid?> Find(Sql sql, Caller caller, Guid messageId) => sql.One(
        $"select x.conversation_id {Readable} and x.id = @id", row => (Guid?)row.Uuid(0), ("user", caller.UserId), ("id", messageId));
}

/// <summary>A place in the queue.</summary>
public readonly record struct FlaggedPlace(long Timestamp, Guid MessageId);
