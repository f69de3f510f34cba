using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// What was stamped above a revision: the one query behind sync and behind the repair of gaps in the feed. Every stamp is taken
/// under the lock of the conversation's row, so a snapshot that shows a head holds everything stamped up to it.
/// </summary>
public sealed class ChangesSince(Database database)
{
    /// <summary>Of one conversation, in one answer.</summary>
    public const int MostRows = 500;

    private const string SelectHeads =
        $"select {ConversationRows.Columns}, c.own_revision, c.deleted_at is not null from conversations c where c.id = any(@ids) order by c.id";

    private static readonly ChangedRows<Message> Messages = new("messages", "x", MessageRows.Columns, MessageRows.Joins, MessageRows.Map, RevisedMessages.Select);
    private static readonly ChangedRows<ReactionRow> Reactions = new("reactions", "z", ReactionRows.Columns, ReactionRows.Joins, ReactionRows.Map);
    private static readonly ChangedRows<Member> Members = new("conversation_members", "m", MemberRows.Columns, MemberRows.Joins, MemberRows.Map);

    /// <summary>Many at once cost as many statements as one. Does not ask who may read them.</summary>
    /// <param name="known">Conversations, and the revision up to which they are known.</param>
    /// <returns>By id; those that do not exist are left out, those without a change have no rows.</returns>
    public Task<IReadOnlyList<ConversationChanges>> Read(IReadOnlyDictionary<Guid, long> known, CancellationToken ct = default) =>
        database.Snapshot(async sql => await Rows(sql, await Heads(sql, known), reader: null), ct);

    /// <summary>Where conversations stand, without rows. Comes before <see cref="Rows"/> in the same snapshot.</summary>
    internal static Task<List<ConversationChanges>> Heads(Sql sql, IReadOnlyDictionary<Guid, long> known) =>
        sql.All(SelectHeads, row => Head(row, known), ("ids", known.Keys.ToArray()));

    internal static async Task<IReadOnlyList<ConversationChanges>> Rows(Sql sql, IReadOnlyList<ConversationChanges> heads, Guid? reader)
    {
        var behind = heads.Where(head => !head.Gone && head.Since < head.Head.Revision).ToArray();
        if (behind.Length == 0) return heads;
        Guid[] ids = [.. behind.Select(head => head.Head.Id)];
        long[] since = [.. behind.Select(head => head.Since)];
        // One more than the limit tells that there are more.
        var messages = (await MessageRows.Complete(sql, await Messages.Read(sql, ids, since, MostRows + 1), reader)).ToLookup(message => message.ConversationId);
        var reactions = (await Reactions.Read(sql, ids, since, MostRows + 1)).ToLookup(row => row.Reaction.ConversationId);
        var members = (await Members.Read(sql, ids, since, MostRows + 1)).ToLookup(member => member.ConversationId);
        return [.. heads.Select(head => With(head, [.. messages[head.Head.Id]], [.. reactions[head.Head.Id]], [.. members[head.Head.Id]]))];
    }

    private static ConversationChanges Head(SqlRow row, IReadOnlyDictionary<Guid, long> known)
    {
        var conversation = ConversationRows.Map(row);
        var since = known[conversation.Id];
        return new ConversationChanges
        {
            Head = conversation,
            OwnRevision = row.Int64(ConversationRows.Width),
            Gone = row.Bool(ConversationRows.Width + 1),
            Since = since,
            Truncated = since > conversation.Revision,
        };
    }

    // Its body was left out, because the answer had grown too large (SealedRows).
    private static bool IsTooLarge(Message message) => message is { Type: MessageType.Encrypted, Sealed: null };

    private static ConversationChanges With(ConversationChanges head, List<Message> messages, List<ReactionRow> reactions, List<Member> members) =>
        messages.Count + reactions.Count + members.Count > MostRows || messages.Exists(IsTooLarge)
            ? head with { Truncated = true }
            : head with { Messages = [.. messages.OrderBy(message => message.Revision)], Reactions = reactions, Members = members };
}
