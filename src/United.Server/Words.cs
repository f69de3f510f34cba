using System.Diagnostics;
using United.Core;
using United.Core.Messages;
using United.Core.Presence;

namespace United.Server;

/// <summary>What the domain counts off and a wire writes as a word: the same word on every wire.</summary>
internal static class Words
{
    public static string Of(ConversationKind kind) => kind switch
    {
        ConversationKind.Channel => "channel",
        ConversationKind.Group => "group",
        ConversationKind.Direct => "direct",
        ConversationKind.Dm => "dm",
        _ => throw new UnreachableException(),
    };

    public static string Of(MemberRole role) => role == MemberRole.Admin ? "admin" : "member";

    public static string Of(MemberState state) => state switch
    {
        MemberState.Member => "member",
        MemberState.Left => "left",
        _ => "removed",
    };

    public static string Of(NotificationLevel level) => level switch
    {
        NotificationLevel.All => "all",
        NotificationLevel.Mentions => "mentions",
        _ => "none",
    };

    public static string Of(RequestState state) => state switch
    {
        RequestState.Pending => "pending",
        RequestState.Accepted => "accepted",
        _ => "declined",
    };

    public static string Of(MessageStatus status) => status switch
    {
        MessageStatus.Read => "read",
        MessageStatus.Delivered => "delivered",
        _ => "sent",
    };

    public static string Of(WatermarkKind kind) => kind == WatermarkKind.Read ? "read" : "delivered";

    public static string Of(PresenceStatus status) => status switch
    {
        PresenceStatus.Online => "online",
        PresenceStatus.Away => "away",
        PresenceStatus.Dnd => "dnd",
        _ => "offline",
    };

    public static Result<MemberRole> Role(string text) => text switch
    {
        "member" => MemberRole.Member,
        "admin" => MemberRole.Admin,
        _ => Refusal.Invalid("role", "must be member or admin"),
    };

    /// <param name="field">Its name on the wire that it came by.</param>
    public static Result<NotificationLevel> Level(string text, string field) => text switch
    {
        "all" => NotificationLevel.All,
        "mentions" => NotificationLevel.Mentions,
        "none" => NotificationLevel.None,
        _ => Refusal.Invalid(field, "must be all, mentions or none"),
    };

    /// <param name="text">Null: the inbox.</param>
    public static Result<ListState> State(string? text) => text switch
    {
        null or "inbox" => ListState.Inbox,
        "requests" => ListState.Requests,
        "hidden" => ListState.Hidden,
        _ => Refusal.Invalid("state", "must be inbox, requests or hidden"),
    };

    /// <summary>What a client may set. Any other word becomes offline, which the board refuses in its own words.</summary>
    public static PresenceStatus Presence(string text) => text switch
    {
        "online" => PresenceStatus.Online,
        "away" => PresenceStatus.Away,
        "dnd" => PresenceStatus.Dnd,
        _ => PresenceStatus.Offline,
    };
}
