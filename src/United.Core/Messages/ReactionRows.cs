using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <param name="Removed">It was taken back: the row stays, so that sync can tell of it.</param>
public sealed record ReactionRow(Reaction Reaction, bool Removed);

/// <summary>How rows of <c>reactions</c> are read.</summary>
internal static class ReactionRows
{
    /// <summary>Of reactions as z.</summary>
    public const string Columns = "z.message_id, z.conversation_id, z.user_id, u.public_key, z.emoji, z.timestamp, z.revision, z.removed";

    public const string Joins = "left join users u on u.id = z.user_id";

    /// <returns>The oldest first, those taken back included.</returns>
    public static Task<List<ReactionRow>> Of(Sql sql, Guid[] messageIds) =>
        sql.All($"select {Columns} from reactions z {Joins} where z.message_id = any(@ids) order by z.revision", Map, ("ids", messageIds));

    public static ReactionRow Map(SqlRow row) => new(
        new Reaction(row.Uuid(0), row.Uuid(1), row.Uuid(2), PublicKeys.Hex(row.BytesOrNull(3)), row.Text(4), row.Int64(5), row.Int64(6)), row.Bool(7));
}
