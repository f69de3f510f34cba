using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// What was stamped above a revision of one conversation, in its present state. Whoever applies it stands at
/// <see cref="Head"/>'s revision.
/// </summary>
public sealed record ConversationChanges
{
    public required Conversation Head { get; init; }

    /// <summary>It has been deleted for everybody.</summary>
    public required bool Gone { get; init; }

    /// <summary>Revision of the last change of the conversation itself: its creation, name, topic, ...</summary>
    public required long OwnRevision { get; init; }

    public required long Since { get; init; }

    /// <summary>Messages that were posted, edited or deleted, whole, by rising revision.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    public IReadOnlyList<ReactionRow> Reactions { get; init; } = [];

    public IReadOnlyList<Member> Members { get; init; } = [];

    /// <summary>
    /// More than <see cref="ChangesSince.MostRows"/>, or numbers were given out again (a backup was restored): the rows are left
    /// out, and what is known of the conversation has to be loaded anew.
    /// </summary>
    public bool Truncated { get; init; }

    /// <summary>
    /// The same as events, by rising revision; the removal of a member goes before all others, so that nothing reaches somebody
    /// who may no longer hear it. Changes that later ones replaced are not told again, so the revisions may leave gaps. Where the
    /// rows are left out, one event of the head's revision tells clients that they are behind.
    /// </summary>
    public IReadOnlyList<ConversationEvent> Events()
    {
        if (Gone) return [new ConversationRemoved(Head.Id, Head.Revision, Head.Open, Head.Kind)];
        if (Truncated) return [new ConversationUpdated(Head)];
        return [.. Itself()
            .Concat(Members.Select(member => new MemberChanged(member, Head)))
            .Concat(Messages.Select(Told))
            .Concat(LooseReactions().Select(Told))
            .OrderBy(change => change.Membership is { Joined: false } ? 0 : 1)
            .ThenBy(change => change.Revision)];
    }

    private IEnumerable<ConversationEvent> Itself()
    {
        if (OwnRevision <= Since) return [];
        var conversation = Head with { Revision = OwnRevision };
        return [Since == 0 ? new ConversationCreated(conversation) : new ConversationUpdated(conversation)];
    }

    // A message that is told whole brings its reactions, and is as new as the newest of them.
    private IEnumerable<ReactionRow> LooseReactions()
    {
        var whole = Messages.Select(message => message.Id).ToHashSet();
        return Reactions.Where(row => !whole.Contains(row.Reaction.MessageId));
    }

    private ConversationEvent Told(Message message) => message.Deleted
        ? new MessageDeleted(Head.Id, message.Revision, Head.Open, message.Id, message.Sequence)
        : new MessagePosted(message, Head.Open);

    private ConversationEvent Told(ReactionRow row)
    {
        var reaction = row.Reaction;
        return row.Removed
            ? new ReactionRemoved(Head.Id, reaction.Revision, Head.Open, reaction.MessageId, reaction.UserId, reaction.UserPublicKey, reaction.Emoji)
            : new ReactionAdded(reaction, Head.Open);
    }
}
