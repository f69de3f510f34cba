using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>The conversations' rows as the log locks, reads and writes them.</summary>
internal static class HeadStore
{
    private const string Upsert = """
        insert into conversations (id, kind, name, name_key, topic, category, position, open, read_only, creator_id, avatar_media_id, created_at,
            deleted_at, last_sequence, revision, own_revision, member_revision, last_message_id, last_message_at)
        values (@id, @kind, @name, @name_key, @topic, @category, @position, @open, @read_only, @creator, @avatar, @created,
            @deleted, @sequence, @revision, @own, coalesce(@member, 0), @message, @message_at)
        on conflict (id) do update set name = excluded.name, name_key = excluded.name_key, topic = excluded.topic,
            category = excluded.category, position = excluded.position, open = excluded.open, read_only = excluded.read_only, avatar_media_id = excluded.avatar_media_id,
            deleted_at = excluded.deleted_at, last_sequence = excluded.last_sequence, revision = excluded.revision,
            own_revision = excluded.own_revision, member_revision = greatest(conversations.member_revision, excluded.member_revision),
            last_message_id = excluded.last_message_id, last_message_at = excluded.last_message_at
        """;

    private const string UpdateNumbers = """
        update conversations set last_sequence = @sequence, revision = @revision, member_revision = coalesce(@member, member_revision),
            last_message_id = @message, last_message_at = @message_at
        where id = @id
        """;

    /// <summary>
    /// Conversations first, in id order, then the member rows in theirs: the order in which everybody locks. The heads are read
    /// by a later statement, whose snapshot is newer than the locks. Those that do not exist or are deleted are left out.
    /// </summary>
    public static async Task<Dictionary<Guid, ConversationHead>> Lock(Sql sql, IReadOnlyList<LaneItem> items)
    {
        var ids = items.Select(item => item.ConversationId).Distinct().ToArray();
        await sql.LockConversations(ids);
        await LockMembers(sql, items);
        var conversations = await sql.All(
            $"select {ConversationRows.Columns} from conversations c where c.id = any(@ids) and c.deleted_at is null",
            ConversationRows.Map, ("ids", ids));
        return conversations.ToDictionary(row => row.Id, row => new ConversationHead(row, isNew: false));
    }

    public static async Task Write(Sql sql, ConversationHead head)
    {
        var row = head.Conversation;
        if (head.OwnRevision is { } own) await WriteRow(sql, head, row, own);
        else if (head.Changed)
            await sql.Execute(UpdateNumbers, ("id", row.Id), ("sequence", row.LastSequence), ("revision", row.Revision),
                ("member", head.MemberRevision), ("message", row.LastMessageId), ("message_at", row.LastMessageAt));
        head.Written();
    }

    private static Task<int> WriteRow(Sql sql, ConversationHead head, Conversation row, long own) =>
        sql.Execute(Upsert,
            ("id", row.Id), ("kind", (int)row.Kind), ("name", row.Kind is ConversationKind.Channel or ConversationKind.Group ? row.Name : null),
            ("name_key", row.Kind == ConversationKind.Channel ? Conversation.NameKey(row.Name) : null), ("topic", row.Topic),
            ("category", row.Category), ("position", row.Position), ("open", row.Open), ("read_only", row.ReadOnly),
            ("creator", row.CreatorId), ("avatar", row.AvatarMediaId), ("created", row.CreatedAt), ("deleted", head.DeletedAt), ("sequence", row.LastSequence),
            ("revision", row.Revision), ("own", own), ("member", head.MemberRevision), ("message", row.LastMessageId),
            ("message_at", row.LastMessageAt));

    private static async Task LockMembers(Sql sql, IReadOnlyList<LaneItem> items)
    {
        if (!sql.IsPostgres) return;
        var members = items.SelectMany(item => item.Change.MemberIds, (item, user) => (item.ConversationId, user)).Distinct().ToArray();
        if (members.Length == 0) return;
        await sql.Execute("""
            select 1 from conversation_members m join unnest(@conversations, @users) k (conversation_id, user_id)
                on m.conversation_id = k.conversation_id and m.user_id = k.user_id
            order by m.conversation_id, m.user_id for no key update of m
            """,
            ("conversations", members.Select(member => member.ConversationId).ToArray()), ("users", members.Select(member => member.user).ToArray()));
    }
}
