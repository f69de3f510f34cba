using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Lets messages forget the posts that they shared, once these are gone: each by a change of its own conversation, so that whoever keeps it hears of
/// it. It follows a deletion at once. What that left out, because the server stopped or the log was full, and what deleted channels took along, is
/// found by the hourly round. Nobody is shown a post that is gone in the meantime.
/// </summary>
public sealed class SharedPostUpkeep(Database database, MessageLog log)
{
    private const int MostAtOnce = 200;

    private const string SelectSharers = """
        select x.conversation_id, x.id from messages x join conversations c on c.id = x.conversation_id and c.deleted_at is null
        where x.shared_post_id = @post limit @most
        """;

    private const string SelectGone = """
        select distinct x.shared_post_id from messages x join conversations s on s.id = x.conversation_id and s.deleted_at is null
        where x.shared_post_id is not null and not exists (
            select 1 from messages p join conversations c on c.id = p.conversation_id and c.deleted_at is null
            where p.id = x.shared_post_id and not p.deleted)
        limit @most
        """;

    /// <summary>The hourly round. What is more than it takes waits for the next one.</summary>
    public async Task Run(CancellationToken ct = default)
    {
        foreach (var post in await database.Read(sql => sql.All(SelectGone, row => row.Uuid(0), ("most", MostAtOnce)), ct)) await Forget(post, ct);
    }

    /// <summary>Returns when every message has forgotten it, or when the log takes no more.</summary>
    internal async Task Forget(Guid postId, CancellationToken ct = default)
    {
        while (await Sharers(postId, ct) is { Length: > 0 } sharers)
        {
            var forgotten = await Task.WhenAll(sharers.Select(place => log.Append(new ForgetPost(place.Key, postId, [.. place]), ct)));
            if (!Array.TrueForAll(forgotten, done => done.Ok)) return;
        }
    }

    // Messages by conversation.
    private async Task<IGrouping<Guid, Guid>[]> Sharers(Guid postId, CancellationToken ct)
    {
        var messages = await database.Read(sql => sql.All(
            SelectSharers, row => (Conversation: row.Uuid(0), Message: row.Uuid(1)), ("post", postId), ("most", MostAtOnce)), ct);
        return [.. messages.GroupBy(one => one.Conversation, one => one.Message)];
    }
}
