using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Presence;

namespace United.Server.Rest;

/// <summary>The members of the server, and whom one has blocked.</summary>
internal static class UsersApi
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").WithTags("Users");
        users.MapGet("", List).WithSummary("Members, by username").Takes(RouteParameter.Text("query", "Stands in the username or the display name")).TakesPage().Produces<Page<UserJson>>();
        users.MapGet("/{id:id}", Find).WithSummary("One member").Produces<UserJson>();
        users.MapPut("/{id:id}/block", Block).WithSummary("Block somebody").Produces(204);
        users.MapDelete("/{id:id}/block", Unblock).WithSummary("Unblock somebody").Produces(204);
        users.MapGet("/me/blocks", Blocked).WithSummary("Whom I have blocked").TakesPage().Produces<Page<BlockedJson>>();
    }

    private static async Task<IResult> List(HttpContext context, UserDirectory directory, PresenceBoard board)
    {
        if (!Query.Text(context, "query").TryGet(out var query, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Cursor(context).TryGet(out var after, out refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        var users = await directory.List(context.Caller(), query, after, limit + 1, context.RequestAborted);
        var presence = await board.For(context.Caller(), context.RequestAborted);
        return Answer.Of(users, rows => Page.Of(rows, limit, user => UserJson.Of(user, presence), user => user.Username));
    }

    private static async Task<IResult> Find(HttpContext context, Guid id, UserDirectory directory, PresenceBoard board)
    {
        var presence = await board.For(context.Caller(), context.RequestAborted);
        return Answer.Of(await directory.Find(id, context.RequestAborted), user => UserJson.Of(user, presence));
    }

    private static async Task<IResult> Block(HttpContext context, Guid id, Blocks blocks) =>
        Answer.Of(await blocks.Block(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Unblock(HttpContext context, Guid id, Blocks blocks) =>
        Answer.Of(await blocks.Unblock(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Blocked(HttpContext context, Blocks blocks)
    {
        if (!Query.CursorId(context).TryGet(out var after, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        var blocked = await blocks.List(context.Caller(), after, limit + 1, context.RequestAborted);
        return Answer.Json(Page.Of(blocked, limit, BlockedJson.Of, row => row.UserId.ToString()));
    }
}

/// <summary>Somebody, as every member may see them.</summary>
internal record UserJson
{
    [JsonConstructor]
    public UserJson()
    {
    }

    public required Guid Id { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }

    /// <summary>Lower-case hex, empty without an identity key.</summary>
    public required string PublicKey { get; init; }

    public required string Bio { get; init; }
    public required Guid? AvatarMediaId { get; init; }

    /// <summary><c>owner</c>, <c>admin</c> or <c>member</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Community roles, the highest first.</summary>
    public required IReadOnlyList<Guid> RoleIds { get; init; }

    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary><c>online</c>, <c>away</c>, <c>dnd</c> or <c>offline</c>; always <c>offline</c> of who has not answered your request.</summary>
    public required string Presence { get; init; }

    public required bool Suspended { get; init; }
    public required long CreatedAt { get; init; }

    /// <summary>Null also of who has not answered your request.</summary>
    public required long? LastSeenAt { get; init; }

    [SetsRequiredMembers]
    protected UserJson(User user, PresenceStatus presence, long? lastSeenAt)
    {
        Presence = Words.Of(presence);
        (Id, Username, DisplayName, PublicKey, Bio, AvatarMediaId) = (user.Id, user.Username, user.DisplayName, user.PublicKey, user.Bio, user.AvatarMediaId);
        (Role, RoleIds, Permissions) = (RoleNames.Of(user.Role), user.RoleIds, RoleNames.Of(user.Permissions));
        (Suspended, CreatedAt, LastSeenAt) = (user.SuspendedAt is not null, user.CreatedAt, lastSeenAt);
    }

    public static UserJson Of(User user, PresenceView presence) => new(user, presence.StatusOf(user.Id), presence.LastSeen(user));
}

internal sealed record BlockedJson
{
    public required Guid UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public required long BlockedAt { get; init; }

    public static BlockedJson Of(Blocked blocked) => new()
    {
        UserId = blocked.UserId,
        Username = blocked.Username,
        DisplayName = blocked.DisplayName,
        BlockedAt = blocked.BlockedAt,
    };
}

[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(Page<UserJson>))]
[JsonSerializable(typeof(Page<BlockedJson>))]
internal sealed partial class UsersJson : JsonSerializerContext;
