using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>A conversation; in lists with what is the reader's own.</summary>
internal sealed record ConversationJson
{
    public required Guid Id { get; init; }

    /// <summary><c>channel</c>, <c>group</c>, <c>direct</c> or <c>dm</c>.</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }
    public required string Topic { get; init; }
    public required string Category { get; init; }
    public required int Position { get; init; }

    /// <summary>A channel that only its members know of.</summary>
    public required bool Private { get; init; }

    public required bool ReadOnly { get; init; }
    public required Guid? CreatorId { get; init; }
    public required long CreatedAt { get; init; }
    public required long LastSequence { get; init; }
    public required long Revision { get; init; }
    public required Guid? LastMessageId { get; init; }
    public required long? LastMessageAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LastRead { get; init; }

    /// <summary>Stops at 999.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? UnreadCount { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MentionCount { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MessageJson? LastMessage { get; init; }

    public static ConversationJson Of(Conversation conversation) => new()
    {
        Id = conversation.Id,
        Kind = KindOf(conversation.Kind),
        Name = conversation.Name,
        Topic = conversation.Topic,
        Category = conversation.Category,
        Position = conversation.Position,
        Private = conversation.Kind == ConversationKind.Channel && !conversation.Open,
        ReadOnly = conversation.ReadOnly,
        CreatorId = conversation.CreatorId,
        CreatedAt = conversation.CreatedAt,
        LastSequence = conversation.LastSequence,
        Revision = conversation.Revision,
        LastMessageId = conversation.LastMessageId,
        LastMessageAt = conversation.LastMessageAt,
    };

    public static ConversationJson Of(ConversationView view, Caller reader) => Of(view.Conversation) with
    {
        LastRead = view.LastRead,
        UnreadCount = view.UnreadCount,
        MentionCount = view.MentionCount,
        LastMessage = view.LastMessage is { } message ? MessageJson.Of(message, reader) : null,
    };

    private static string KindOf(ConversationKind kind) => kind switch
    {
        ConversationKind.Channel => "channel",
        ConversationKind.Group => "group",
        ConversationKind.Direct => "direct",
        ConversationKind.Dm => "dm",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
