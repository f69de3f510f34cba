using System.Text.Json.Serialization;
using United.Core;
using United.Core.Moderation;

namespace United.Server.Rest;

/// <summary>Who did what to whom, and who was refused what.</summary>
internal static class AuditApi
{
    private const int MostAction = 64;

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/moderation/audit", List).WithTags("Moderation")
            .WithSummary("Acts on accounts and the server, and refused accesses; the newest first")
            .Takes(RouteParameter.Text("action", "Of this kind alone, such as access.refused")).TakesPage().Produces<Page<AuditJson>>();

    private static async Task<IResult> List(HttpContext context, AuditLog audit)
    {
        if (!Query.CursorPlace(context).TryGet(out var after, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        if (!Query.Text(context, "action").TryGet(out var action, out refusal)) return RestFaults.Result(refusal);
        if (TextRules.Text("action", action ?? "", least: 0, MostAction) is { } wrong) return RestFaults.Result(wrong);
        var entries = await audit.List(context.Caller(), action ?? "", after is { } place ? new AuditPlace(place.At, place.Id) : null, limit + 1, context.RequestAborted);
        return Answer.Of(entries, rows => Page.Of(rows, limit, AuditJson.Of, entry => ListPlaces.Write(entry.At, entry.Id)));
    }
}

internal sealed record AuditJson(Guid Id, long At, Guid? ActorId, string Action, Guid? TargetId, string Detail)
{
    public static AuditJson Of(AuditEntry entry) => new(entry.Id, entry.At, entry.ActorId, entry.Action, entry.TargetId, entry.Detail);
}

[JsonSerializable(typeof(Page<AuditJson>))]
internal sealed partial class AuditJsonContext : JsonSerializerContext;
