using System.Net;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;

namespace United.Server.Rest;

/// <summary>
/// Every route under <c>/api</c> needs a caller unless it is marked <see cref="Open{T}"/>: who forgets to mark, closes. The
/// token is taken from the Authorization header alone, never from an address, which ends up in logs. Here, where it shows whose a
/// request is, it is counted too: of their account, or of the address if it is nobody's.
/// </summary>
internal sealed class Authentication(RequestDelegate next, Callers callers, RateLimits limits, RefusedAccesses refused)
{
    public async Task Invoke(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }
        var openness = endpoint.Metadata.GetMetadata<OpenRoute>();
        var who = default(Caller);
        var refusal = default(Refusal);
        if (openness is null || (openness.ReadsToken && HasToken(context))) (await Resolve(context)).TryGet(out who, out refusal);
        refusal = await limits.Ask(Limit.Request, who?.UserId ?? RateLimits.Subject(SenderOf(context))) ?? refusal;
        if (refusal is not null)
        {
            await RestFaults.Write(context, refusal);
            return;
        }
        if (who is not null) context.Features.Set(who);
        await next(context);
        if (who is not null && context.Features.Get<Fault>() is { } fault && RefusedAccesses.Concern(fault) && !IsOwn(endpoint)) refused.Note(Refused(context, endpoint, who, fault));
    }

    // What is missing of the caller's own was no attempt at somebody else's.
    private static bool IsOwn(RouteEndpoint endpoint) => AddressOf(endpoint).StartsWith("/api/users/me/", StringComparison.Ordinal);

    // As the documents write it: /api/channels/{id}.
    private static string AddressOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Replace(":id}", "}", StringComparison.Ordinal).TrimEnd('/');

    private static IPAddress SenderOf(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;

    private static RefusedAccess Refused(HttpContext context, RouteEndpoint endpoint, Caller who, Fault fault)
    {
        var target = context.Request.RouteValues.Values.Select(value => Ids.TryParse(value as string, out var id) ? id : (Guid?)null).FirstOrDefault(id => id is not null);
        return new RefusedAccess(who.UserId, SenderOf(context), $"{context.Request.Method} {AddressOf(endpoint)}", fault, target);
    }

    private static bool HasToken(HttpContext context) => context.Request.Headers.Authorization.Count > 0;

    private async ValueTask<Result<Caller>> Resolve(HttpContext context) =>
        Bearer.TokenOf(context.Request.Headers.Authorization) is { } token ? await callers.Of(token, context.RequestAborted) : Fault.Unauthorized;
}

/// <summary>Marks a route that needs no token.</summary>
/// <param name="ReadsToken">A token that is there is read all the same (and refused if it is no good).</param>
internal sealed record OpenRoute(bool ReadsToken);

internal static class AuthenticationSetup
{
    /// <summary>The route needs no token, and looks at none.</summary>
    public static T Open<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new OpenRoute(ReadsToken: false));

    /// <summary>The route needs no token, but answers more to who has one: <see cref="CallerOrNobody"/>.</summary>
    public static T OpenToAll<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new OpenRoute(ReadsToken: true));

    /// <exception cref="InvalidOperationException">The route is open: it has no caller.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.CallerOrNobody() ?? throw new InvalidOperationException("The route is open: it has no caller.");

    /// <summary>Who asks, once more, after something that the client could draw out: what was true when it began may have ended since.</summary>
    /// <returns>Null where all is well, or nobody asks.</returns>
    public static async ValueTask<Refusal?> Renew(this HttpContext context)
    {
        if (context.CallerOrNobody() is not { } before) return null;
        var callers = context.RequestServices.GetRequiredService<Callers>();
        if (!(await callers.Resolve(before.UserId, before.SessionId, context.RequestAborted)).TryGet(out var caller, out var refusal)) return refusal;
        context.Features.Set(caller);
        return null;
    }

    public static Caller? CallerOrNobody(this HttpContext context) => context.Features.Get<Caller>();
}
