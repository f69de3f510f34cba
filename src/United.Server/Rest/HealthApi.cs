using System.Text.Json.Serialization;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>For balancers and supervisors. Live: the process answers. Ready: it can serve.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Answer.Json(new Health { Status = "live" }))
            .WithSummary("The process answers").WithTags("Operations").Produces<Health>();
        routes.MapGet("/health/ready", Ready)
            .WithSummary("The process can serve").WithTags("Operations").Produces<Health>().Produces<Health>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> Ready(HttpContext context, Readiness readiness)
    {
        var database = await readiness.DatabaseAnswers(context.RequestAborted);
        var status = readiness.Stopping ? "stopping" : database ? "ready" : "unavailable";
        return Answer.Json(
            new Health { Status = status, Database = database ? "ok" : "away", Backplane = "none" },
            status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

internal sealed record Health
{
    /// <summary><c>live</c>, <c>ready</c>, <c>unavailable</c> or <c>stopping</c>.</summary>
    public required string Status { get; init; }

    /// <summary><c>ok</c> or <c>away</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Database { get; init; }

    /// <summary><c>none</c>: this process is alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Backplane { get; init; }
}

[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
