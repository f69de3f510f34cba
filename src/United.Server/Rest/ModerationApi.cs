using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Presence;

namespace United.Server.Rest;

/// <summary>What is done to other people's accounts.</summary>
internal static class ModerationApi
{
    public static void MapModeration(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users/{id:id}").WithTags("Moderation");
        users.MapPost("/suspend", Suspend).WithSummary("Suspend somebody; their sessions and connections end").Produces(204);
        users.MapPost("/unsuspend", Unsuspend).WithSummary("Lift a suspension").Produces(204);
        users.MapPatch("", Change).WithSummary("Change somebody's role or display name").Accepts<MemberBody>("application/json").Produces<UserJson>();
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
        return Answer.Of(await members.Change(context.Caller(), id, new ChangeMember(role, body.DisplayName), context.RequestAborted), user => UserJson.Of(user, board));
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

[JsonSerializable(typeof(MemberBody))]
internal sealed partial class ModerationJson : JsonSerializerContext;
