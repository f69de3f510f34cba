using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// How messages are read: rows by a statement of the reader's, completed by one statement each for all
/// their reactions, mentions, files, and the messages that they answer or share.
/// </summary>
internal static class MessageRows
{
    /// <summary>Of messages as x.</summary>
    public const string Columns = """
        x.id, x.conversation_id, x.server_sequence, x.revision, x.sender_id, coalesce(u.display_name, ''), u.public_key, x.type, x.content,
        x.timestamp, x.client_id, x.reply_to_id, x.shared_post_id, x.signature, x.edited_at, x.deleted, x.late, x.flagged
        """;

    /// <summary>The author's present name.</summary>
    public const string Joins = "left join users u on u.id = x.sender_id";

    // The limit (a text names 20 at most) pins a look-up for each message; a plain join may become a walk over all mentions.
    private const string MentionsOnPostgres = """
        select x.id, n.kind, n.target_id from messages x cross join lateral (
            select * from mentions n where n.conversation_id = x.conversation_id and n.server_sequence = x.server_sequence and n.kind <= 3 limit 50) n
        where x.id = any(@ids) order by n.target_id
        """;

    private const string MentionsOnSqlite = """
        select x.id, n.kind, n.target_id from messages x
        join mentions n on n.conversation_id = x.conversation_id and n.server_sequence = x.server_sequence
        where x.id = any(@ids) and n.kind <= 3 order by n.target_id
        """;

    // The zero id is nobody's: it stands for a reader who has hidden nothing.
    private const string SelectAnswered = """
        select x.id, x.server_sequence, x.sender_id, x.content, x.deleted
        from messages x left join conversation_members m on m.conversation_id = x.conversation_id and m.user_id = @reader
        where x.id = any(@ids) and x.server_sequence > coalesce(m.hidden_sequence, 0)
        """;

    private const string SelectByIds = $"select {Columns} from messages x {Joins} where x.id = any(@ids)";

    /// <param name="reader">As <see cref="Complete"/>.</param>
    /// <param name="bodies">As <see cref="Complete"/>.</param>
    public static async Task<List<Message>> ByIds(Sql sql, Guid[] ids, Guid? reader = null, bool bodies = true) =>
        ids.Length == 0 ? [] : await Complete(sql, await sql.All(SelectByIds, Map, ("ids", ids)), reader, bodies);

    /// <summary>Adds what stands in other tables. Keeps the order.</summary>
    /// <param name="reader">Who sees of shared posts what they may read, and of answered messages what they have not hidden; null: what everybody may.</param>
    /// <param name="bodies">What encrypted messages hold comes too.</param>
    public static async Task<List<Message>> Complete(Sql sql, List<Message> messages, Guid? reader, bool bodies = true)
    {
        if (messages.Count == 0) return messages;
        if (bodies) messages = await SealedRows.Complete(sql, messages);
        var reactions = (await ReactionRows.Of(sql, [.. messages.Where(message => !message.Deleted).Select(message => message.Id)]))
            .ToLookup(row => row.Reaction.MessageId);
        var mentions = await Mentions(sql, messages);
        var answered = await Answered(sql, messages, reader);
        var media = await MessageMediaRows.Of(sql, [.. messages.Where(message => message.Type is MessageType.Media or MessageType.Voice).Select(message => message.Id)]);
        var shared = await SharedPosts.Of(sql, reader, [.. messages.Select(message => message.SharedPostId).OfType<Guid>().Distinct()]);
        return messages.ConvertAll(message => With(message, [.. reactions[message.Id]], mentions[message.Id]) with
        {
            ReplyTo = message.ReplyToId is { } id ? answered.GetValueOrDefault(id) : null,
            Media = media.GetValueOrDefault(message.Id, []),
            SharedPost = message.SharedPostId is { } post ? shared.GetValueOrDefault(post)?.Preview : null,
        });
    }

    // A message is as new as the newest change of what it shows, a reaction taken back included: a reader that knows an older
    // state of it can tell by the revision alone.
    private static Message With(Message message, List<ReactionRow> reactions, IEnumerable<(Guid MessageId, MentionKind Kind, Guid Target)> mentions) =>
        message with
        {
            Revision = reactions.Aggregate(message.Revision, (newest, row) => Math.Max(newest, row.Reaction.Revision)),
            Reactions = [.. reactions.Where(row => !row.Removed).Select(row => row.Reaction)],
            MentionUserIds = [.. mentions.Where(mention => mention.Kind == MentionKind.User).Select(mention => mention.Target)],
            MentionRoleIds = [.. mentions.Where(mention => mention.Kind == MentionKind.Role).Select(mention => mention.Target)],
            MentionsEveryone = mentions.Any(mention => mention.Kind == MentionKind.Everyone),
        };

    // Whom a text names stands in the text, so most pages need not ask.
    private static async Task<ILookup<Guid, (Guid MessageId, MentionKind Kind, Guid Target)>> Mentions(Sql sql, List<Message> messages)
    {
        var ids = messages.Where(message => message.Content.Contains('@', StringComparison.Ordinal)).Select(message => message.Id).ToArray();
        List<(Guid MessageId, MentionKind Kind, Guid Target)> rows = ids.Length == 0 ? [] : await sql.All(
            sql.IsPostgres ? MentionsOnPostgres : MentionsOnSqlite, row => (row.Uuid(0), (MentionKind)row.Int32(1), row.Uuid(2)), ("ids", ids));
        return rows.ToLookup(row => row.MessageId);
    }

    // What replies answer. Few messages are replies, and most of them answer one that others answer too.
    private static async Task<Dictionary<Guid, ReplyPreview>> Answered(Sql sql, List<Message> messages, Guid? reader)
    {
        var ids = messages.Select(message => message.ReplyToId).OfType<Guid>().Distinct().ToArray();
        if (ids.Length == 0) return [];
        return (await sql.All(SelectAnswered, row => new ReplyPreview(row.Uuid(0), row.Int64(1), row.Uuid(2), Excerpt.Of(row.Text(3)), row.Bool(4)),
            ("ids", ids), ("reader", reader ?? Guid.Empty))).ToDictionary(reply => reply.Id);
    }

    public static Message Map(SqlRow row) => new()
    {
        Id = row.Uuid(0),
        ConversationId = row.Uuid(1),
        Sequence = row.Int64(2),
        Revision = row.Int64(3),
        SenderId = row.Uuid(4),
        SenderDisplayName = row.Text(5),
        SenderPublicKey = PublicKeys.Hex(row.BytesOrNull(6)),
        Type = (MessageType)row.Int32(7),
        Content = row.Text(8),
        Timestamp = row.Int64(9),
        ClientId = row.TextOrNull(10),
        ReplyToId = row.UuidOrNull(11),
        SharedPostId = row.UuidOrNull(12),
        Signature = row.BytesOrNull(13),
        EditedAt = row.Int64OrNull(14),
        Deleted = row.Bool(15),
        Late = row.Bool(16),
        Flagged = row.Bool(17),
    };
}
