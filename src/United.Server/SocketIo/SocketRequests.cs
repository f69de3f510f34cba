using System.Text.Json.Serialization;

namespace United.Server.SocketIo;

/// <summary>What <c>message:send</c> carries.</summary>
internal sealed record SendBody
{
    public required Guid ConversationId { get; init; }

    /// <summary>1 to 4,000 characters; may be empty with media or a shared post.</summary>
    public required string Content { get; init; }

    /// <summary><c>text</c>, <c>media</c>, <c>voice</c> or <c>shared_post</c>. Absent: what it brings tells.</summary>
    public string? Type { get; init; }

    /// <summary>1 to 64 printable ASCII characters. Sent again, it answers with the first result.</summary>
    public string? ClientId { get; init; }

    public Guid? ReplyToId { get; init; }
    public IReadOnlyList<Guid>? MediaIds { get; init; }
    public Guid? SharedPostId { get; init; }
}

internal sealed record EditBody
{
    public required Guid ConversationId { get; init; }
    public required Guid MessageId { get; init; }
    public required string Content { get; init; }
}

internal sealed record DeleteBody
{
    public required Guid ConversationId { get; init; }
    public required Guid MessageId { get; init; }
}

/// <summary>How far one has read or received: by the message or by its number.</summary>
internal sealed record MarkBody
{
    public required Guid ConversationId { get; init; }
    public Guid? MessageId { get; init; }
    public long? Sequence { get; init; }
}

/// <summary>A page; before, after and around are a serverSequence, one of them at most.</summary>
internal sealed record HistoryBody
{
    public required Guid ConversationId { get; init; }
    public long? Before { get; init; }
    public long? After { get; init; }
    public long? Around { get; init; }
    [JsonConverter(typeof(LimitConverter))]
    public int? Limit { get; init; }
    public bool? IncludeDeleted { get; init; }
}

internal sealed record ReactBody
{
    public required Guid MessageId { get; init; }
    public required string Emoji { get; init; }

    /// <summary>Takes it back if it stands.</summary>
    public bool? Toggle { get; init; }
}

internal sealed record ConversationBody
{
    public required Guid ConversationId { get; init; }
}
