using System.Text.Json.Serialization;
using United.Core.Messages;
using United.Core.Moderation;

namespace United.Server.Rest;

internal static class ReportsApi
{
    public static void MapReports(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/messages/{messageId:id}/report", Report).WithTags("Moderation")
            .WithSummary("Tell the moderators of a message; again replaces the reason").Accepts<ReportBody>("application/json").Produces(204);

    private static async Task<IResult> Report(HttpContext context, Guid messageId, MessageReports reports, RateLimits limits)
    {
        if (!(await Body.Read<ReportBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        if (await limits.Ask(Limit.Report, caller.UserId) is { } tooOften) return RestFaults.Result(tooOften);
        return Answer.Of(await reports.Report(caller, new ReportMessage(messageId, body.Reason), context.RequestAborted));
    }
}

internal sealed record ReportBody
{
    /// <summary>1 to 500 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What members told the moderators of a message.</summary>
internal sealed record ReportsJson
{
    public required int Count { get; init; }

    /// <summary>The newest first, 20 at most.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

[JsonSerializable(typeof(ReportBody))]
internal sealed partial class ReportsJsonContext : JsonSerializerContext;
