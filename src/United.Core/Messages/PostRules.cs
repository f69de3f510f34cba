using United.Core.Moderation;

namespace United.Core.Messages;

/// <summary>What can be told of a message before the database is asked.</summary>
internal static class PostRules
{
    public const int MostMedia = 10;

    private const int MostClientId = 64;

    public static Result<PostDraft> Draft(Caller caller, PostMessage request, WordList words, TimeProvider time)
    {
        var type = request.Type ?? TypeOf(request);
        if (Refuse(request, type) is { } refusal) return refusal;
        var id = Ids.NewMessage(time, request.ConversationId);
        return new PostDraft
        {
            Id = id,
            ConversationId = request.ConversationId,
            SenderId = caller.UserId,
            SenderDisplayName = caller.DisplayName,
            SenderPublicKey = caller.PublicKey,
            SendKey = request.ClientId is { } clientId ? PostDraft.SendKeyOf(request.ConversationId, caller.UserId, clientId) : id,
            ClientId = request.ClientId,
            Type = type,
            Content = request.Content,
            MediaIds = request.MediaIds ?? [],
            SharedPostId = request.SharedPostId,
            ReplyToId = request.ReplyToId,
            Timestamp = time.GetUtcNow().ToUnixTimeMilliseconds(),
            MayWriteReadOnly = caller.May(Permissions.ManageChannels),
            Mentions = Mentions.In(request.Content, caller.May(Permissions.MentionEveryone)),
            Flagged = words.Matches(request.Content),
        };
    }

    /// <summary>A text that shows nothing is no message; what shows something else needs no words.</summary>
    public static Refusal? Content(string content, MessageType type) =>
        Words(content) ?? (type == MessageType.Text && string.IsNullOrWhiteSpace(content) ? Refusal.Invalid("content", "is empty") : null);

    /// <summary>What may stand in a message of any type.</summary>
    public static Refusal? Words(string content) => TextRules.Text("content", content, least: 0, most: TextRules.MostContent);

    private static MessageType TypeOf(PostMessage request) =>
        request.SharedPostId is not null ? MessageType.SharedPost
        : request.MediaIds is { Count: > 0 } ? MessageType.Media
        : MessageType.Text;

    private static Refusal? Refuse(PostMessage request, MessageType type) =>
        Content(request.Content, type) ?? ClientId(request.ClientId) ?? Brought(request, type, request.MediaIds ?? [])
        ?? (request.Origin is not null && type != MessageType.Text ? Refusal.Invalid("signature", "is for text messages only") : null);

    private static Refusal? Brought(PostMessage request, MessageType type, IReadOnlyList<Guid> media) => type switch
    {
        MessageType.System => Refusal.Invalid("type", "is for the server alone"),
        MessageType.Encrypted => Refusal.Invalid("type", "is for encrypted conversations"),
        MessageType.Media when media.Count is 0 or > MostMedia => Refusal.Invalid("media_ids", $"has to name 1 to {MostMedia} files"),
        MessageType.Voice when media.Count != 1 => Refusal.Invalid("media_ids", "has to name one recording"),
        MessageType.Text or MessageType.SharedPost when media.Count > 0 => Refusal.Invalid("media_ids", "is for media and voice messages"),
        MessageType.SharedPost when request.SharedPostId is null => Refusal.Invalid("shared_post_id", "is missing"),
        not MessageType.SharedPost when request.SharedPostId is not null => Refusal.Invalid("shared_post_id", "is for shared posts"),
        _ => media.Distinct().Count() == media.Count ? null : Refusal.Invalid("media_ids", "names a file twice"),
    };

    public static Refusal? ClientId(string? clientId) =>
        clientId is null || (clientId.Length is > 0 and <= MostClientId && !clientId.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            ? null
            : Refusal.Invalid("client_id", "has to be 1 to 64 printable ASCII characters");
}
