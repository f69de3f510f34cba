using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Server.Hosting;

namespace United.Server.Rest;

internal static class InvitesApi
{
    public static void MapInvites(this IEndpointRouteBuilder routes)
    {
        var invites = routes.MapGroup("/api/invites").WithTags("Invitations");
        invites.MapGet("", List).WithSummary("Invitations that stand, the newest first").TakesPage().Produces<Page<InviteJson>>();
        invites.MapPost("", Create).WithSummary("Invite; the code is shown this once").Accepts<InviteBody>("application/json").Produces<InviteJson>(201);
        invites.MapGet("/{code}", Preview).Open().WithSummary("Who invites, to which server").Produces<InvitationJson>();
        invites.MapDelete("/{code}", Revoke).WithSummary("Revoke an invitation, by its code or its id").Produces(204);
    }

    private static async Task<IResult> List(HttpContext context, Invites invites)
    {
        if (!Query.CursorId(context).TryGet(out var before, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        var standing = await invites.List(context.Caller(), before, limit + 1, context.RequestAborted);
        return Answer.Of(standing, rows => Page.Of(rows, limit, invite => InviteJson.Of(invite), invite => invite.Id.ToString()));
    }

    private static async Task<IResult> Create(HttpContext context, Invites invites)
    {
        if (!(await Body.Read<InviteBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (RoleNames.Parse(body.Role ?? "member") is not { } role) return RestFaults.Result(Refusal.Invalid("role", "must be admin or member"));
        var request = new CreateInvite(body.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null, body.MaxUses, role);
        return Answer.Of(await invites.Create(context.Caller(), request, context.RequestAborted), made => InviteJson.Of(made.Invite, made.Code), StatusCodes.Status201Created);
    }

    private static async Task<IResult> Preview(HttpContext context, string code, Invites invites, ServerSettings settings, Visitors visitors) =>
        Answer.Of(await invites.Preview(code, visitors.Of(context), context.RequestAborted), invitation => new InvitationJson
        {
            ServerName = settings.Current.Name,
            InviterName = invitation.InviterName,
            ExpiresAt = invitation.ExpiresAt,
        });

    private static async Task<IResult> Revoke(HttpContext context, string code, Invites invites) =>
        Answer.Of(await invites.Revoke(context.Caller(), code, context.RequestAborted));
}

internal sealed record InviteBody
{
    /// <summary>Seconds; absent: until it is revoked.</summary>
    public int? ExpiresIn { get; init; }

    /// <summary>Absent: any number.</summary>
    public int? MaxUses { get; init; }

    /// <summary>What the invited become: <c>member</c> (usual) or <c>admin</c>.</summary>
    public string? Role { get; init; }
}

internal sealed record InviteJson
{
    public required Guid Id { get; init; }

    /// <summary>Only in the answer to who made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    public required Guid CreatedBy { get; init; }
    public required long CreatedAt { get; init; }
    public required long? ExpiresAt { get; init; }
    public required int? MaxUses { get; init; }
    public required int Uses { get; init; }
    public required string Role { get; init; }

    public static InviteJson Of(Invite invite, string? code = null) => new()
    {
        Id = invite.Id,
        Code = code,
        CreatedBy = invite.CreatedBy,
        CreatedAt = invite.CreatedAt,
        ExpiresAt = invite.ExpiresAt,
        MaxUses = invite.MaxUses,
        Uses = invite.Uses,
        Role = RoleNames.Of(invite.Role),
    };
}

internal sealed record InvitationJson
{
    public required string ServerName { get; init; }
    public required string InviterName { get; init; }
    public required long? ExpiresAt { get; init; }
}

[JsonSerializable(typeof(InviteBody))]
[JsonSerializable(typeof(InviteJson))]
[JsonSerializable(typeof(Page<InviteJson>))]
[JsonSerializable(typeof(InvitationJson))]
internal sealed partial class InvitesJson : JsonSerializerContext;
