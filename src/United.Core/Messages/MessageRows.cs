using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// How messages are read: rows by a statement of the reader's, completed by one statement for all their reactions and one for all
/// their mentions.
/// </summary>
public static class MessageRows
{
    /// <summary>Of messages as x.</summary>
    public const string Columns = """
        x.id, x.conversation_id, x.server_sequence, x.revision, x.sender_id, coalesce(u.display_name, ''), u.public_key, x.type, x.content,
        x.timestamp, x.client_id, x.reply_to_id, r.server_sequence, r.sender_id, r.content, r.deleted, x.shared_post_id, x.signature,
        x.edited_at, x.deleted, x.late, x.flagged
        """;

    /// <summary>The author's present name, and the message that a reply answers.</summary>
    public const string Joins = "left join users u on u.id = x.sender_id left join messages r on r.id = x.reply_to_id";

    private const string SelectByIds = $"select {Columns} from messages x {Joins} where x.id = any(@ids)";

    public static async Task<List<Message>> ByIds(Sql sql, Guid[] ids) =>
        ids.Length == 0 ? [] : await Complete(sql, await sql.All(SelectByIds, Map, ("ids", ids)));

    /// <summary>Adds what stands in other tables. Keeps the order.</summary>
    public static async Task<List<Message>> Complete(Sql sql, List<Message> messages)
    {
        if (messages.Count == 0) return messages;
        var reactions = (await ReactionRows.Of(sql, [.. messages.Where(message => !message.Deleted).Select(message => message.Id)]))
            .ToLookup(row => row.Reaction.MessageId);
        var mentions = await Mentions(sql, messages);
        return messages.ConvertAll(message => With(message, [.. reactions[message.Id]], mentions[message.Id]));
    }

    // A message is as new as the newest change of what it shows, a reaction taken back included: a reader that knows an older
    // state of it can tell by the revision alone.
    private static Message With(Message message, List<ReactionRow> reactions, IEnumerable<(Guid MessageId, int Kind, Guid Target)> mentions) =>
        message with
        {
            Revision = reactions.Aggregate(message.Revision, (newest, row) => Math.Max(newest, row.Reaction.Revision)),
            Reactions = [.. reactions.Where(row => !row.Removed).Select(row => row.Reaction)],
            MentionUserIds = [.. mentions.Where(mention => mention.Kind == 1).Select(mention => mention.Target)],
            MentionRoleIds = [.. mentions.Where(mention => mention.Kind == 2).Select(mention => mention.Target)],
            MentionsEveryone = mentions.Any(mention => mention.Kind == 3),
        };

    // Whom a text names stands in the text, so most pages need not ask.
    private static async Task<ILookup<Guid, (Guid MessageId, int Kind, Guid Target)>> Mentions(Sql sql, List<Message> messages)
    {
        var ids = messages.Where(message => message.Content.Contains('@', StringComparison.Ordinal)).Select(message => message.Id).ToArray();
        List<(Guid MessageId, int Kind, Guid Target)> rows = ids.Length == 0 ? [] : await sql.All("""
            select x.id, n.kind, n.target_id from messages x
            join mentions n on n.conversation_id = x.conversation_id and n.server_sequence = x.server_sequence
            where x.id = any(@ids) and n.kind <= 3 order by n.target_id
            """, row => (row.Uuid(0), row.Int32(1), row.Uuid(2)), ("ids", ids));
        return rows.ToLookup(row => row.MessageId);
    }

    public static Message Map(SqlRow row) => new()
    {
        Id = row.Uuid(0),
        ConversationId = row.Uuid(1),
        Sequence = row.Int64(2),
        Revision = row.Int64(3),
        SenderId = row.Uuid(4),
        SenderDisplayName = row.Text(5),
        SenderPublicKey = ReactionRows.Hex(row.BytesOrNull(6)),
        Type = (MessageType)row.Int32(7),
        Content = row.Text(8),
        Timestamp = row.Int64(9),
        ClientId = row.TextOrNull(10),
        ReplyToId = row.UuidOrNull(11),
        ReplyTo = row.IsNull(12) ? null : new ReplyPreview(row.Uuid(11), row.Int64(12), row.Uuid(13), Excerpt.Of(row.Text(14)), row.Bool(15)),
        SharedPostId = row.UuidOrNull(16),
        Signature = row.BytesOrNull(17),
        EditedAt = row.Int64OrNull(18),
        Deleted = row.Bool(19),
        Late = row.Bool(20),
        Flagged = row.Bool(21),
    };
}
