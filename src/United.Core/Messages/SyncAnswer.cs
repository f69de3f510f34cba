namespace United.Core.Messages;

/// <summary>What has changed since?</summary>
/// <param name="Conversations">What the client knows, and up to which revision.</param>
/// <param name="Partial">The map names some conversations only: nothing is said of others.</param>
/// <param name="ReceiptsSince">Server time of the last answer, Unix milliseconds; null: no receipts are asked for.</param>
public sealed record SyncRequest(IReadOnlyDictionary<Guid, long> Conversations, bool Partial = false, long? ReceiptsSince = null);

/// <param name="Added">What the client does not know yet.</param>
/// <param name="Removed">What the client knows and may no longer read, or what is gone.</param>
/// <param name="ServerTime">To be handed back as <see cref="SyncRequest.ReceiptsSince"/>.</param>
/// <param name="More">There is more: apply this and ask again.</param>
public sealed record SyncAnswer(
    IReadOnlyList<SyncedConversation> Changed,
    IReadOnlyList<ConversationView> Added,
    IReadOnlyList<Guid> Removed,
    IReadOnlyList<Receipt> Receipts,
    long ServerTime,
    bool More);

/// <summary>A conversation that changed, or in which the caller's own watermark or settings did.</summary>
/// <param name="Changed">The conversation itself, if it changed or has to be loaded anew.</param>
/// <param name="Messages">Whole and in their present state, by rising revision. A changed reaction shows as its whole message.</param>
/// <param name="Truncated">Drop what is known of it, and load the newest page.</param>
public sealed record SyncedConversation(
    Guid Id, long Revision, long LastSequence, ReadState State, Conversation? Changed,
    IReadOnlyList<Message> Messages, IReadOnlyList<Member> Members, bool Truncated)
{
    /// <inheritdoc cref="ConversationView.Request"/>
    public MessageRequest? Request { get; init; }
}

/// <summary>Where somebody's watermark stands since when.</summary>
public sealed record Receipt(Guid ConversationId, Guid UserId, WatermarkKind Kind, long Sequence, long At);
