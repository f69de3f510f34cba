using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>#general, which every server begins with. It can be renamed and deleted, and does not come back.</summary>
internal static class GeneralChannel
{
    // Before anybody listens, so no event tells of it: revision 1 is its creation.
    private const string Insert = """
        insert into conversations (id, kind, name, name_key, open, created_at, revision, own_revision)
        values (@id, 1, 'general', @key, true, @at, 1, 1)
        """;

    /// <summary>
    /// Makes it, once in the life of a database, however many nodes start at once: the mark is unique, and whoever sets it makes the
    /// channel in the same transaction.
    /// </summary>
    /// <returns>Whether it was made now.</returns>
    public static Task<bool> Ensure(Database database, TimeProvider time, CancellationToken ct = default) =>
        database.Write(async sql =>
        {
            if (await sql.Execute("insert into server_state (name, value) values ('general_channel', @made) on conflict do nothing", ("made", new byte[] { 1 })) == 0) return false;
            await sql.Execute(Insert, ("id", Ids.New(time)), ("key", Conversation.NameKey("general")), ("at", time.GetUtcNow().ToUnixTimeMilliseconds()));
            return true;
        }, ct);
}
