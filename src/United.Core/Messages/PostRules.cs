using United.Core.Moderation;

namespace United.Core.Messages;

/// <summary>What can be told of a message before the database is asked.</summary>
internal static class PostRules
{
    private const int MostClientId = 64;

    public static Result<PostDraft> Draft(Caller caller, PostMessage request, WordList words, TimeProvider time)
    {
        if (Refusal(request) is { } refusal) return refusal;
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
            Content = request.Content,
            ReplyToId = request.ReplyToId,
            Timestamp = time.GetUtcNow().ToUnixTimeMilliseconds(),
            MayWriteReadOnly = caller.May(Permissions.ManageChannels),
            Mentions = Mentions.In(request.Content, caller.May(Permissions.MentionEveryone)),
            Flagged = words.Matches(request.Content),
        };
    }

    /// <summary>A text that shows nothing is no message.</summary>
    public static Refusal? Content(string content) =>
        TextRules.Content("content", content) ?? (string.IsNullOrWhiteSpace(content) ? Core.Refusal.Invalid("content", "is empty") : null);

    private static Refusal? Refusal(PostMessage request) => Content(request.Content) ?? ClientId(request.ClientId);

    private static Refusal? ClientId(string? clientId) =>
        clientId is null or { Length: > 0 and <= MostClientId } && (clientId is null || !clientId.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            ? null
            : Core.Refusal.Invalid("client_id", "has to be 1 to 64 printable ASCII characters");
}
