using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>How rows of <c>conversation_members</c> are read, under the alias m, with their users as u.</summary>
internal static class MemberRows
{
    public const string Columns = "m.conversation_id, m.user_id, coalesce(u.display_name, ''), m.role, m.state, m.joined_at, m.revision";

    public const string Joins = "left join users u on u.id = m.user_id";

    public static Member Map(SqlRow row) => new(
        row.Uuid(0), row.Uuid(1), row.Text(2), (MemberRole)row.Int32(3), (MemberState)row.Int32(4), row.Int64(5), row.Int64(6));
}
