using System.Text.Json.Serialization;
using United.Server.Rest;

namespace United.Server.SocketIo;

/// <summary>Why something came to nothing.</summary>
internal sealed record ErrorJson
{
    /// <summary>For people.</summary>
    public required string Error { get; init; }

    /// <summary>Stable; what a program decides by.</summary>
    public required string Code { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    /// <summary>Seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfter { get; init; }
}

internal sealed record CodeJson(string Code);

internal sealed record HelloJson(Guid UserId, string LogEpoch, long ServerTime);

/// <param name="Reason">As in <see cref="Core.Realtime.ControlChange.SessionsEnded"/>.</param>
internal sealed record SessionEndedJson(string Reason);

internal sealed record DoneJson
{
    public bool Success { get; } = true;
}

internal sealed record PostedJson(Guid MessageId, long ServerSequence, long Timestamp, long Revision)
{
    public bool Success { get; } = true;
}

internal sealed record SentJson(Guid Id, string? ClientId, Guid ConversationId, long ServerSequence)
{
    public string Status { get; } = "sent";
}

internal sealed record ChangedJson(long Revision)
{
    public bool Success { get; } = true;
}

/// <param name="Sequence">Where the watermark stands now.</param>
internal sealed record ReadJson(int UnreadCount, long Sequence)
{
    public bool Success { get; } = true;
}

/// <param name="Sequence">Where the watermark stands now.</param>
internal sealed record DeliveredJson(long Sequence)
{
    public bool Success { get; } = true;
}

internal sealed record ReactionsJson(IReadOnlyList<ReactionJson> Reactions)
{
    public bool Success { get; } = true;
}

internal sealed record EditedJson(
    Guid MessageId, Guid ConversationId, string NewContent, long EditTimestamp, IReadOnlyList<Guid> MentionUserIds, IReadOnlyList<Guid> MentionRoleIds, long Revision);

internal sealed record DeletedJson(Guid MessageId, Guid ConversationId, long ServerSequence, long Revision);

internal sealed record DeliveredReceiptJson(Guid ConversationId, Guid UserId, long Sequence);

/// <param name="ReadAt">Unix milliseconds.</param>
internal sealed record ReadReceiptJson(Guid ConversationId, Guid MessageId, long Sequence, Guid ReadBy, long ReadAt);

internal sealed record FlaggedJson(Guid MessageId, Guid ConversationId);

internal sealed record ReactedJson(Guid MessageId, Guid ConversationId, Guid UserId, string Emoji, long Revision);

internal sealed record WritingJson(Guid ConversationId, Guid UserId, string DisplayName);

/// <param name="Status"><c>online</c>, <c>away</c>, <c>dnd</c> or <c>offline</c>.</param>
/// <param name="LastSeenAt">Unix milliseconds; of somebody who is on line: since when the status holds.</param>
internal sealed record StatusJson(Guid UserId, string Status, long LastSeenAt);

internal sealed record GoneJson(Guid ConversationId);

/// <param name="Role"><c>member</c> or <c>admin</c>.</param>
internal sealed record MembershipJson(Guid ConversationId, Guid UserId, string Role, long Revision);

internal sealed record UnreadJson(Guid ConversationId, int UnreadCount, int MentionCount);
