using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>How rows of <c>conversations</c> are read, under the alias c.</summary>
internal static class ConversationRows
{
    public const string Columns =
        "c.id, c.kind, c.name, c.topic, c.category, c.position, c.open, c.read_only, c.creator_id, c.created_at, c.last_sequence, c.revision, c.last_message_id, c.last_message_at, c.avatar_media_id";

    /// <summary>
    /// Whether the member m has hidden it, until something new is said: everything up to a number, or -1 where there was nothing.
    /// </summary>
    public const string Hidden =
        "case when c.last_sequence = 0 then coalesce(m.hidden_sequence, 0) < 0 else c.last_sequence <= coalesce(m.hidden_sequence, 0) end";

    /// <summary>Number of the first column after ours.</summary>
    public const int Width = 15;

    public static Conversation Map(SqlRow row) => new()
    {
        Id = row.Uuid(0),
        Kind = (ConversationKind)row.Int32(1),
        Name = row.TextOrNull(2) ?? "",
        Topic = row.Text(3),
        Category = row.Text(4),
        Position = row.Int32(5),
        Open = row.Bool(6),
        ReadOnly = row.Bool(7),
        CreatorId = row.UuidOrNull(8),
        CreatedAt = row.Int64(9),
        LastSequence = row.Int64(10),
        Revision = row.Int64(11),
        LastMessageId = row.UuidOrNull(12),
        LastMessageAt = row.Int64OrNull(13),
        AvatarMediaId = row.UuidOrNull(14),
    };
}
