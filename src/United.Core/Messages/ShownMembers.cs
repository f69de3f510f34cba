using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// The first members of many conversations, how many there are, and the watermarks that the reader may know of. In the order of their ids,
/// which is that of the index: whoever needs all of them asks page by page.
/// </summary>
internal static class ShownMembers
{
    public const int Most = 20;

    private const string Columns = $"""
        {MemberRows.Columns},
        case when m.user_id = @user then m.last_read_sequence when c.told then {ReceiptRules.Read} end,
        case when m.user_id = @user then m.last_delivered_sequence when c.told then {ReceiptRules.Delivered} end,
        c.members
        """;

    // Materialized: counted once for each conversation, not for each of its members.
    private const string Counted = $"""
        select c.id, c.kind, {ReceiptRules.ToldIn} as told,
            (select count(*) from conversation_members x where x.conversation_id = c.id and x.state = 1) as members
        from conversations c
        """;

    // As ChangedRows: SQLite knows no lateral joins, and there a statement costs no round trip.
    private const string OnPostgres = $"""
        with c as materialized ({Counted} where c.id = any(@ids))
        select {Columns} from c cross join lateral (
            select * from conversation_members t where t.conversation_id = c.id and t.state = 1 and t.user_id > @after
            order by t.user_id limit @limit) m {MemberRows.Joins} order by m.conversation_id, m.user_id
        """;

    private const string OnSqlite = $"""
        with c as materialized ({Counted} where c.id = @id)
        select {Columns} from c cross join (
            select * from conversation_members t where t.conversation_id = @id and t.state = 1 and t.user_id > @after
            order by t.user_id limit @limit) m {MemberRows.Joins} order by m.user_id
        """;

    /// <summary>The first of each, none of channels.</summary>
    public static async Task<ILookup<Guid, (ShownMember Member, int Count)>> Of(Sql sql, Guid userId, IEnumerable<Conversation> conversations)
    {
        Guid[] ids = [.. conversations.Where(conversation => conversation.Kind != ConversationKind.Channel).Select(conversation => conversation.Id)];
        return (await Rows(sql, userId, ids, Guid.Empty, Most)).ToLookup(row => row.Member.Member.ConversationId);
    }

    /// <param name="after">The last of the page before.</param>
    public static async Task<List<ShownMember>> Page(Sql sql, Guid userId, Guid conversationId, Guid? after, int limit) =>
        (await Rows(sql, userId, [conversationId], after ?? Guid.Empty, limit)).ConvertAll(row => row.Member);

    private static async Task<List<(ShownMember Member, int Count)>> Rows(Sql sql, Guid userId, Guid[] ids, Guid after, int limit)
    {
        if (ids.Length == 0) return [];
        if (sql.IsPostgres) return await sql.All(OnPostgres, Map, ("user", userId), ("ids", ids), ("after", after), ("limit", limit));
        var rows = new List<(ShownMember Member, int Count)>();
        foreach (var id in ids) rows.AddRange(await sql.All(OnSqlite, Map, ("user", userId), ("id", id), ("after", after), ("limit", limit)));
        return rows;
    }

    private static (ShownMember Member, int Count) Map(SqlRow row) =>
        (new ShownMember(MemberRows.Map(row), row.Int64OrNull(7), row.Int64OrNull(8)), row.Int32(9));
}
