using United.Core;
using United.Core.Identity;
using United.Server.Hosting;
using United.Server.Hosting.Metrics;

namespace United.Server.Rest;

/// <summary>Numbers for Prometheus: to this machine itself, and to administrators.</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", Metrics).WithSummary("Metrics, Prometheus text").WithTags("Operations").Produces<string>(contentType: PrometheusText.ContentType);

    private static async Task<IResult> Metrics(HttpContext context, MetricBoard board, Callers callers)
    {
        if (!Origins.IsAtThisMachine(context) && await Refused(context, callers) is { } refusal) return RestFaults.Result(refusal);
        return Results.Text(board.Write(), PrometheusText.ContentType);
    }

    private static async Task<Refusal?> Refused(HttpContext context, Callers callers)
    {
        if (Bearer.TokenOf(context.Request.Headers.Authorization) is not { } token) return Fault.Unauthorized;
        var caller = await callers.Of(token, context.RequestAborted);
        return caller.TryGet(out var who, out var refusal) ? who.Role >= Role.Admin ? null : new Refusal(Fault.Forbidden) : refusal;
    }
}
