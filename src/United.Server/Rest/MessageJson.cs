using System.Text.Json.Serialization;
using United.Core;
using United.Core.Media;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>A message as one reader sees it.</summary>
internal sealed record MessageJson
{
    public required Guid Id { get; init; }
    public required Guid ChannelId { get; init; }

    /// <summary>The same: a channel is a conversation.</summary>
    public Guid ConversationId => ChannelId;

    public required Guid SenderId { get; init; }

    /// <summary>Lower-case hex, empty without an identity key.</summary>
    public required string SenderPubkey { get; init; }

    public required string SenderDisplayName { get; init; }

    /// <summary><c>text</c>, <c>media</c>, <c>voice</c>, <c>shared_post</c>, <c>system</c> or <c>encrypted</c>.</summary>
    public required string Type { get; init; }

    public required string Content { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long Timestamp { get; init; }

    public required long ServerSequence { get; init; }

    /// <summary>Of its newest change, reactions included.</summary>
    public required long Revision { get; init; }

    public required Guid? ReplyToId { get; init; }

    /// <summary>Null where the reader has hidden it.</summary>
    public required ReplyJson? ReplyTo { get; init; }

    public required Guid? SharedPostId { get; init; }

    /// <summary>Null where the reader may not see it.</summary>
    public required ReplyJson? SharedPost { get; init; }

    public required IReadOnlyList<MessageMediaJson> Media { get; init; }
    public required IReadOnlyList<Guid> MentionUserIds { get; init; }
    public required IReadOnlyList<Guid> MentionRoleIds { get; init; }
    public required bool MentionEveryone { get; init; }
    public required bool Edited { get; init; }
    public required long? EditTimestamp { get; init; }
    public required bool Deleted { get; init; }
    public required bool Late { get; init; }

    /// <summary>Lower-case hex.</summary>
    public required string? Signature { get; init; }

    public required string? ClientId { get; init; }
    public required IReadOnlyList<ReactionJson> Reactions { get; init; }

    /// <summary>Of encrypted messages, base64; lists of conversations leave it out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? EncryptedPayload { get; init; }

    /// <summary>Of encrypted messages, base64.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Nonce { get; init; }

    /// <summary>Of encrypted messages, base64.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? EphemeralPubkey { get; init; }

    /// <summary>For moderators.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Flagged { get; init; }

    /// <summary>In the moderators' queue, where members told of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReportsJson? Reports { get; init; }

    /// <param name="reader">Null: what is the same for all who may read it.</param>
    public static MessageJson Of(Message message, Caller? reader) => new()
    {
        Id = message.Id,
        ChannelId = message.ConversationId,
        SenderId = message.SenderId,
        SenderPubkey = message.SenderPublicKey,
        SenderDisplayName = message.SenderDisplayName,
        Type = MessageTypeNames.Of(message.Type),
        Content = message.Content,
        Timestamp = message.Sealed?.SentAt ?? message.Timestamp,
        ServerSequence = message.Sequence,
        Revision = message.Revision,
        ReplyToId = message.ReplyToId,
        ReplyTo = message.ReplyTo is { } reply ? ReplyJson.Of(reply) : null,
        SharedPostId = message.SharedPostId,
        SharedPost = message.SharedPost is { } post ? ReplyJson.Of(post) : null,
        Media = [.. message.Media.Select(MessageMediaJson.Of)],
        MentionUserIds = message.MentionUserIds,
        MentionRoleIds = message.MentionRoleIds,
        MentionEveryone = message.MentionsEveryone,
        Edited = message.EditedAt is not null,
        EditTimestamp = message.EditedAt,
        Deleted = message.Deleted,
        Late = message.Late,
        Signature = message.Signature is { } signature ? Convert.ToHexStringLower(signature) : null,
        ClientId = message.ClientId,
        Reactions = ReactionJson.Grouped(message.Reactions, reader),
        EncryptedPayload = message.Sealed?.Payload,
        Nonce = message.Sealed?.Nonce,
        EphemeralPubkey = message.Sealed?.EphemeralKey,
        Flagged = reader?.May(Permissions.ManageMessages) == true ? message.Flagged : null,
    };
}

/// <summary>What a reply shows of the message that it answers, and a message of the post that it shares.</summary>
internal sealed record ReplyJson
{
    public required Guid Id { get; init; }
    public required long ServerSequence { get; init; }
    public required Guid SenderId { get; init; }

    /// <summary>At most 140 characters.</summary>
    public required string Excerpt { get; init; }

    public required bool Deleted { get; init; }

    public static ReplyJson Of(ReplyPreview reply) => new()
    {
        Id = reply.Id,
        ServerSequence = reply.Sequence,
        SenderId = reply.SenderId,
        Excerpt = reply.Excerpt,
        Deleted = reply.Deleted,
    };
}

/// <summary>An uploaded file: as its uploader gets it, and in the messages that hold it.</summary>
internal sealed record MessageMediaJson
{
    public required Guid Id { get; init; }

    /// <summary><c>image</c>, <c>video</c>, <c>voice</c> or <c>file</c>.</summary>
    public required string MediaType { get; init; }

    public required string ContentType { get; init; }
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Pixels.</summary>
    public required int? Width { get; init; }

    public required int? Height { get; init; }

    /// <summary>Seconds, of voice and video.</summary>
    public required double? Duration { get; init; }

    /// <summary>Of voice: 64 loudnesses, base64.</summary>
    public required byte[]? Waveform { get; init; }

    public required Guid? ThumbnailId { get; init; }

    public static MessageMediaJson Of(MessageMedia media) => new()
    {
        Id = media.Id,
        MediaType = MessageTypeNames.Of(media.Type),
        ContentType = media.ContentType,
        Name = media.Name,
        Size = media.Size,
        Width = media.Width,
        Height = media.Height,
        Duration = media.Duration / 1000.0,
        Waveform = media.Waveform,
        ThumbnailId = media.ThumbnailId,
    };
}

/// <summary>All who reacted with the same emoji.</summary>
internal sealed record ReactionJson
{
    public required string Emoji { get; init; }
    public required int Count { get; init; }
    public required IReadOnlyList<Guid> UserIds { get; init; }
    public required IReadOnlyList<string> UserPubkeys { get; init; }

    /// <summary>Whether the reader is one of them; absent for readers without an account.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Me { get; init; }

    /// <summary>In the order in which each emoji was used first.</summary>
    public static ReactionJson[] Grouped(IEnumerable<Reaction> reactions, Caller? reader) =>
        [.. reactions.GroupBy(reaction => reaction.Emoji, StringComparer.Ordinal).Select(group => Of(group.Key, [.. group], reader))];

    private static ReactionJson Of(string emoji, Reaction[] reactions, Caller? reader) => new()
    {
        Emoji = emoji,
        Count = reactions.Length,
        UserIds = Array.ConvertAll(reactions, reaction => reaction.UserId),
        UserPubkeys = Array.ConvertAll(reactions, reaction => reaction.UserPublicKey),
        Me = reader is null ? null : Array.Exists(reactions, reaction => reaction.UserId == reader.UserId),
    };
}

[JsonSerializable(typeof(MessageJson))]
[JsonSerializable(typeof(ReactionJson[]))]
internal sealed partial class MessageJsonContext : JsonSerializerContext;
