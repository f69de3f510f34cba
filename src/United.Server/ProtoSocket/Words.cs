using United.Core;
using United.Core.Messages;

namespace United.Server.ProtoSocket;

/// <summary>What REST writes as a word is the same word here.</summary>
internal static class Words
{
    public static string Of(MemberRole role) => role == MemberRole.Admin ? "admin" : "member";

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

    public static Result<MemberRole> Role(string text) => text switch
    {
        "member" => MemberRole.Member,
        "admin" => MemberRole.Admin,
        _ => Refusal.Invalid("role", "must be member or admin"),
    };

    public static Result<NotificationLevel> Level(string text) => text switch
    {
        "all" => NotificationLevel.All,
        "mentions" => NotificationLevel.Mentions,
        "none" => NotificationLevel.None,
        _ => Refusal.Invalid("notifications", "must be all, mentions or none"),
    };

    public static Result<ListState> State(string text) => text switch
    {
        "" or "inbox" => ListState.Inbox,
        "requests" => ListState.Requests,
        "hidden" => ListState.Hidden,
        _ => Refusal.Invalid("state", "must be inbox, requests or hidden"),
    };
}
