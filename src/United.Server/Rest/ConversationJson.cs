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
    public required Guid? AvatarMediaId { get; init; }
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

    /// <summary>The first 20; not of channels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MemberJson>? Members { get; init; }

    /// <summary>Not of channels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MemberCount { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OwnSettingsJson? Settings { get; init; }

    /// <summary>By which it began, if it did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RequestJson? Request { get; init; }

    public static ConversationJson Of(Conversation conversation) => new()
    {
        Id = conversation.Id,
        Kind = Words.Of(conversation.Kind),
        Name = conversation.Name,
        Topic = conversation.Topic,
        Category = conversation.Category,
        Position = conversation.Position,
        Private = conversation.Kind == ConversationKind.Channel && !conversation.Open,
        ReadOnly = conversation.ReadOnly,
        CreatorId = conversation.CreatorId,
        AvatarMediaId = conversation.AvatarMediaId,
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
        Members = view.Conversation.Kind == ConversationKind.Channel ? null : [.. view.Members.Select(MemberJson.Of)],
        MemberCount = view.Conversation.Kind == ConversationKind.Channel ? null : view.MemberCount,
        Settings = OwnSettingsJson.Of(view.Settings),
        Request = view.Request is { } request ? RequestJson.Of(request) : null,
    };
}

/// <summary>Your own.</summary>
internal sealed record OwnSettingsJson
{
    /// <summary><c>member</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }

    public required long? MutedUntil { get; init; }

    /// <summary><c>all</c>, <c>mentions</c> or <c>none</c>.</summary>
    public required string Notifications { get; init; }

    /// <summary>Out of your list until something new is said.</summary>
    public required bool Hidden { get; init; }

    /// <summary>Messages up to this one are hidden from you for good.</summary>
    public required long HiddenSequence { get; init; }

    public static OwnSettingsJson Of(ConversationSettings settings) => new()
    {
        Role = Words.Of(settings.Role),
        MutedUntil = settings.MutedUntil,
        Notifications = Words.Of(settings.Notifications),
        Hidden = settings.Hidden,
        HiddenSequence = settings.HiddenSequence,
    };
}
