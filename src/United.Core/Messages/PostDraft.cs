using System.Security.Cryptography;
using System.Text;

namespace United.Core.Messages;

/// <summary>
/// A message that passed every check that needs no database. Has its id and time from here on: whatever is tried again is tried
/// with the same.
/// </summary>
internal sealed record PostDraft
{
    public required Guid Id { get; init; }
    public required Guid ConversationId { get; init; }
    public required Guid SenderId { get; init; }
    public required string SenderDisplayName { get; init; }
    public required string SenderPublicKey { get; init; }

    /// <summary>Unique among all messages. Without a client_id it is the message's id, so that a commit of unknown outcome can be repeated.</summary>
    public required Guid SendKey { get; init; }

    public required string? ClientId { get; init; }
    public required string Content { get; init; }
    public MessageType Type { get; init; }
    public IReadOnlyList<Guid> MediaIds { get; init; } = [];
    public Guid? SharedPostId { get; init; }
    public required Guid? ReplyToId { get; init; }
    public required long Timestamp { get; init; }
    public required bool MayWriteReadOnly { get; init; }
    public IReadOnlyList<Mention> Mentions { get; init; } = [];
    public bool Flagged { get; init; }
    public bool Late { get; init; }
    public byte[]? Signature { get; init; }
    public byte[]? Envelope { get; init; }

    /// <summary>Bits for the statement, next to those of <see cref="PostPlaces"/>.</summary>
    public int Flags => (Flagged ? 1 : 0) | (Late ? 2 : 0) | (MayWriteReadOnly ? 4 : 0);

    /// <summary>First 16 bytes of SHA-256(conversation, sender, client_id).</summary>
    public static Guid SendKeyOf(Guid conversationId, Guid senderId, string clientId)
    {
        Span<byte> ascii = stackalloc byte[clientId.Length];
        Encoding.ASCII.GetBytes(clientId, ascii);
        return SendKeyOf(conversationId, senderId, ascii);
    }

    /// <param name="usedOnce">What this sender uses once in this conversation: the client_id, or an encrypted message's nonce.</param>
    public static Guid SendKeyOf(Guid conversationId, Guid senderId, ReadOnlySpan<byte> usedOnce)
    {
        Span<byte> text = stackalloc byte[32 + usedOnce.Length];
        conversationId.TryWriteBytes(text, bigEndian: true, out _);
        senderId.TryWriteBytes(text[16..], bigEndian: true, out _);
        usedOnce.CopyTo(text[32..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Words alone: the messages that go many to a statement. What others bring stands in tables of their own.</summary>
    public bool IsText => Type == MessageType.Text;

    public Message Stored(long sequence, long revision, ReplyPreview? reply) => new()
    {
        Id = Id,
        ConversationId = ConversationId,
        Sequence = sequence,
        Revision = revision,
        SenderId = SenderId,
        SenderDisplayName = SenderDisplayName,
        SenderPublicKey = SenderPublicKey,
        Type = Type,
        Content = Content,
        SharedPostId = SharedPostId,
        Timestamp = Timestamp,
        ClientId = ClientId,
        ReplyToId = ReplyToId,
        ReplyTo = reply,
        MentionUserIds = Messages.Mentions.Of(MentionKind.User, Mentions),
        MentionRoleIds = Messages.Mentions.Of(MentionKind.Role, Mentions),
        MentionsEveryone = Mentions.Any(mention => mention.Kind == MentionKind.Everyone),
        Signature = Signature,
        Late = Late,
        Flagged = Flagged,
    };

    /// <summary>Those of the text, and the author of the message that it answers.</summary>
    public IReadOnlyList<Mention> AllMentions(Guid? repliedTo) =>
        repliedTo is { } author && author != SenderId ? [.. Mentions, new Mention(MentionKind.Reply, author)] : Mentions;

    public PostResult Result(Message stored) => new(Id, stored.Sequence, stored.Revision, Timestamp, ClientId, Duplicate: false, stored);

    /// <summary>The same client_id was stored before, by whatever id.</summary>
    public PostResult First(Guid id, long sequence, long revision, long timestamp) => new(id, sequence, revision, timestamp, ClientId, Duplicate: true);
}
