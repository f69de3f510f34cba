using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <param name="Removed">It was taken back: the row stays, so that sync can tell of it.</param>
public sealed record ReactionRow(Reaction Reaction, bool Removed);

/// <summary>One of whoever is about to react.</summary>
internal sealed record OwnReaction(string Emoji, bool Removed, long Revision);

/// <summary>How rows of <c>reactions</c> are read.</summary>
internal static class ReactionRows
{
    /// <summary>Of reactions as z.</summary>
    public const string Columns = "z.message_id, z.conversation_id, z.user_id, u.public_key, z.emoji, z.timestamp, z.revision, z.removed";

    public const string Joins = "left join users u on u.id = z.user_id";

    // Not min(): while the table is small, PostgreSQL may plan to find that by reading all of a message's rows, and keep to it.
    private const string Next = "select z.emoji from reactions z where z.message_id = @message and not z.removed";

    /// <returns>The oldest first, those taken back included.</returns>
    public static Task<List<ReactionRow>> Of(Sql sql, Guid[] messageIds) =>
        sql.All($"select {Columns} from reactions z {Joins} where z.message_id = any(@ids) order by z.revision", Map, ("ids", messageIds));

    /// <summary>Those that stood at a revision of their conversation and still do, the oldest first.</summary>
    public static Task<List<Reaction>> Standing(Sql sql, Guid messageId, long revision) => sql.All(
        $"select {Columns} from reactions z {Joins} where z.message_id = @id and not z.removed and z.revision <= @revision order by z.revision",
        row => Map(row).Reaction, ("id", messageId), ("revision", revision));

    /// <summary>Somebody's on a message, those taken back included.</summary>
    public static Task<List<OwnReaction>> Own(Sql sql, Guid messageId, Guid userId) => sql.All(
        "select emoji, removed, revision from reactions where message_id = @message and user_id = @user",
        row => new OwnReaction(row.Text(0), row.Bool(1), row.Int64(2)), ("message", messageId), ("user", userId));

    /// <summary>The emojis that stand on a message. Leaps in the index from one to the next, however many people put each of them there.</summary>
    public static Task<List<string>> Different(Sql sql, Guid messageId) => sql.All($"""
        with recursive probe (emoji) as (
            select ({Next} order by z.emoji limit 1)
            union all
            select ({Next} and z.emoji > p.emoji order by z.emoji limit 1) from probe p where p.emoji is not null)
        select emoji from probe where emoji is not null
        """, row => row.Text(0), ("message", messageId));

    public static ReactionRow Map(SqlRow row) => new(
        new Reaction(row.Uuid(0), row.Uuid(1), row.Uuid(2), PublicKeys.Hex(row.BytesOrNull(3)), row.Text(4), row.Int64(5), row.Int64(6)), row.Bool(7));
}
