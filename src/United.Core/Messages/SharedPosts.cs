using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Posts of channels that messages elsewhere show, as far as a reader may see them.</summary>
internal static class SharedPosts
{
    // The zero id is nobody's: it stands for a reader who may see open channels only.
    private const string Select = """
        select x.id, x.server_sequence, x.sender_id, x.content, c.open
        from messages x join conversations c on c.id = x.conversation_id
        left join conversation_members m on m.conversation_id = c.id and m.user_id = @reader and m.state = 1
        where x.id = any(@ids) and not x.deleted and c.kind = 1 and c.deleted_at is null and (c.open or x.server_sequence > m.hidden_sequence)
        """;

    /// <param name="reader">Null: what everybody may see.</param>
    /// <returns>By id; what the reader may not see is left out.</returns>
    public static async Task<Dictionary<Guid, SharedPost>> Of(Sql sql, Guid? reader, Guid[] ids) => ids.Length == 0 ? [] :
        (await sql.All(Select, Map, ("ids", ids), ("reader", reader ?? Guid.Empty))).ToDictionary(post => post.Preview.Id);

    private static SharedPost Map(SqlRow row) =>
        new(new ReplyPreview(row.Uuid(0), row.Int64(1), row.Uuid(2), Excerpt.Of(row.Text(3)), Deleted: false), row.Bool(4));
}

/// <param name="Open">Everybody may see it.</param>
internal sealed record SharedPost(ReplyPreview Preview, bool Open);
