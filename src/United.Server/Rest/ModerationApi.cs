using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Presence;

namespace United.Server.Rest;

/// <summary>What is done to other people's accounts, and to messages that matched the word list or were reported.</summary>
internal static class ModerationApi
{
    public static void MapModeration(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users/{id:id}").WithTags("Moderation");
        users.MapPost("/suspend", Suspend).WithSummary("Suspend somebody; their sessions and connections end").Produces(204);
        users.MapPost("/unsuspend", Unsuspend).WithSummary("Lift a suspension").Produces(204);
        users.MapPatch("", Change).WithSummary("Change somebody's role or display name").Accepts<MemberBody>("application/json").Produces<UserJson>();
        var flagged = routes.MapGroup("/api/moderation/flagged").WithTags("Moderation");
        flagged.MapGet("", Flagged).WithSummary("Messages that matched the word list, or that members reported; the newest first").TakesPage().Produces<Page<MessageJson>>();
        flagged.MapPost("/{messageId:id}", Settle).WithSummary("Dismiss flag and reports, or delete the message").Accepts<FlaggedBody>("application/json").Produces(204);
        users.MapPost("/allow-key-reset", AllowKeyReset).WithSummary("Let somebody who lost their identity key publish another, for a day").Produces(204);
    }

    private static async Task<IResult> Suspend(HttpContext context, Guid id, Members members) =>
        Answer.Of(await members.Suspend(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Unsuspend(HttpContext context, Guid id, Members members) =>
        Answer.Of(await members.Unsuspend(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Change(HttpContext context, Guid id, Members members, PresenceBoard board)
    {
        if (!(await Body.Read<MemberBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var role = body.Role is null ? null : RoleNames.Parse(body.Role);
        if (body.Role is not null && role is null) return RestFaults.Result(Refusal.Invalid("role", "must be admin or member"));
        var presence = await board.For(context.Caller(), context.RequestAborted);
        return Answer.Of(await members.Change(context.Caller(), id, new ChangeMember(role, body.DisplayName), context.RequestAborted), user => UserJson.Of(user, presence));
    }

    private static async Task<IResult> Flagged(HttpContext context, FlaggedMessages flagged)
    {
        if (!Query.CursorPlace(context).TryGet(out var after, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        var messages = await flagged.List(context.Caller(), after is { } place ? new FlaggedPlace(place.At, place.Id) : null, limit + 1, context.RequestAborted);
        return Answer.Of(messages, rows => Page.Of(rows, limit, one => Shown(one, context.Caller()), one => ListPlaces.Write(one.Message.Timestamp, one.Message.Id)));
    }

    private static MessageJson Shown(FlaggedMessage one, Caller caller) => MessageJson.Of(one.Message, caller) with
    {
        Reports = one.Reports == 0 ? null : new ReportsJson { Count = one.Reports, Reasons = one.Reasons },
    };

    private static async Task<IResult> Settle(HttpContext context, Guid messageId, FlaggedMessages flagged)
    {
        if (!(await Body.Read<FlaggedBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return body.Action switch
        {
            "dismiss" => Answer.Of(await flagged.Dismiss(context.Caller(), messageId, context.RequestAborted)),
            "delete" => Answer.Of(await flagged.Delete(context.Caller(), messageId, context.RequestAborted)),
            _ => RestFaults.Result(Refusal.Invalid("action", "must be dismiss or delete")),
        };
    }

    private static async Task<IResult> AllowKeyReset(HttpContext context, Guid id, Members members) =>
        Answer.Of(await members.AllowKeyReset(context.Caller(), id, context.RequestAborted));
}

/// <summary>What is absent stays as it is.</summary>
internal sealed record MemberBody
{
    /// <summary><c>admin</c> or <c>member</c>.</summary>
    public string? Role { get; init; }

    public string? DisplayName { get; init; }
}

internal sealed record FlaggedBody
{
    /// <summary><c>dismiss</c> or <c>delete</c>.</summary>
    public required string Action { get; init; }
}

[JsonSerializable(typeof(MemberBody))]
[JsonSerializable(typeof(FlaggedBody))]
[JsonSerializable(typeof(Page<MessageJson>))]
internal sealed partial class ModerationJson : JsonSerializerContext;
