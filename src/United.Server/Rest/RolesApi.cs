using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;

namespace United.Server.Rest;

internal static class RolesApi
{
    public static void MapRoles(this IEndpointRouteBuilder routes)
    {
        var roles = routes.MapGroup("/api/roles").WithTags("Roles");
        roles.MapGet("", List).WithSummary("Community roles, the highest first").Produces<Page<RoleJson>>();
        roles.MapPost("", Create).WithSummary("Make a role").Accepts<NewRoleBody>("application/json").Produces<RoleJson>(201);
        roles.MapPatch("/{id:id}", Change).WithSummary("Change a role").Accepts<RoleBody>("application/json").Produces<RoleJson>();
        roles.MapDelete("/{id:id}", Delete).WithSummary("Delete a role").Produces(204);
        roles.MapPut("/{id:id}/members/{userId:id}", Give).WithSummary("Give somebody a role").Produces(204);
        roles.MapDelete("/{id:id}/members/{userId:id}", Take).WithSummary("Take a role from somebody").Produces(204);
    }

    private static async Task<IResult> List(HttpContext context, Roles roles) => Answer.Json(new Page<RoleJson>
    {
        Items = [.. (await roles.List(context.RequestAborted)).Select(RoleJson.Of)],
    });

    private static async Task<IResult> Create(HttpContext context, Roles roles)
    {
        if (!(await Body.Read<NewRoleBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Permitted(body.Permissions).TryGet(out var permissions, out refusal)) return RestFaults.Result(refusal);
        var request = new CreateRole(body.Name, body.Colour, body.Position ?? 0, permissions ?? Permissions.None);
        return Answer.Of(await roles.Create(context.Caller(), request, context.RequestAborted), RoleJson.Of, StatusCodes.Status201Created);
    }

    private static async Task<IResult> Change(HttpContext context, Guid id, Roles roles)
    {
        if (!(await Body.Read<RoleBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Permitted(body.Permissions).TryGet(out var permissions, out refusal)) return RestFaults.Result(refusal);
        var change = new ChangeRole(body.Name, body.Colour, body.Position, permissions);
        return Answer.Of(await roles.Change(context.Caller(), id, change, context.RequestAborted), RoleJson.Of);
    }

    private static async Task<IResult> Delete(HttpContext context, Guid id, Roles roles) =>
        Answer.Of(await roles.Delete(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Give(HttpContext context, Guid id, Guid userId, Roles roles) =>
        Answer.Of(await roles.Give(context.Caller(), id, userId, context.RequestAborted));

    private static async Task<IResult> Take(HttpContext context, Guid id, Guid userId, Roles roles) =>
        Answer.Of(await roles.Take(context.Caller(), id, userId, context.RequestAborted));

    private static Result<Permissions?> Permitted(IReadOnlyList<string>? names)
    {
        if (names is null) return null as Permissions?;
        return RoleNames.Parse(names) is { } permissions ? permissions : Refusal.Invalid("permissions", "names a permission that does not exist");
    }
}

internal sealed record NewRoleBody
{
    public required string Name { get; init; }

    /// <summary><c>#rrggbb</c> in small letters.</summary>
    public string? Colour { get; init; }

    /// <summary>The highest is shown first.</summary>
    public int? Position { get; init; }

    public IReadOnlyList<string>? Permissions { get; init; }
}

/// <summary>What is absent stays as it is; an empty colour is none.</summary>
internal sealed record RoleBody
{
    public string? Name { get; init; }
    public string? Colour { get; init; }
    public int? Position { get; init; }
    public IReadOnlyList<string>? Permissions { get; init; }
}

internal sealed record RoleJson
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string? Colour { get; init; }
    public required int Position { get; init; }
    public required IReadOnlyList<string> Permissions { get; init; }

    public static RoleJson Of(CommunityRole role) => new()
    {
        Id = role.Id,
        Name = role.Name,
        Colour = role.Colour,
        Position = role.Position,
        Permissions = RoleNames.Of(role.Permissions),
    };
}

[JsonSerializable(typeof(NewRoleBody))]
[JsonSerializable(typeof(RoleBody))]
[JsonSerializable(typeof(RoleJson))]
[JsonSerializable(typeof(Page<RoleJson>))]
internal sealed partial class RolesJson : JsonSerializerContext;
