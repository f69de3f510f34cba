using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Presence;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>Accounts come to be, sign in, stay signed in, and sign out.</summary>
internal static class AuthApi
{
    private static readonly RouteParameter WantsCookie = RouteParameter.Header("X-Refresh-Cookie", "1: the refresh token comes as a cookie, and not in the body");

    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/auth").WithTags("Accounts and sessions");
        auth.MapPost("/register", Register).Open().Takes(WantsCookie).WithSummary("Make an account").Accepts<RegisterBody>("application/json").Produces<SignedInJson>(201);
        auth.MapPost("/login", LogIn).Open().Takes(WantsCookie).WithSummary("Sign in with a password").Accepts<LogInBody>("application/json").Produces<SignedInJson>();
        auth.MapPost("/challenge", Challenge).Open().WithSummary("Ask for a nonce to sign with an identity key").Accepts<ChallengeBody>("application/json").Produces<ChallengeJson>();
        auth.MapPost("/verify", Verify).Open().Takes(WantsCookie).WithSummary("Sign in with a signed challenge").Accepts<ProofBody>("application/json").Produces<SignedInJson>();
        auth.MapPost("/refresh", Refresh).Open().Takes(WantsCookie, RouteParameter.Header("X-CSRF", "1, where the token is in the cookie")).WithSummary("Spend a refresh token for a new pair").Accepts<RefreshBody>("application/json").Produces<SignedInJson>();
        auth.MapPost("/logout", LogOut).WithSummary("End this session").Produces(204);
        auth.MapGet("/sessions", List).WithSummary("My devices").Produces<Page<SessionJson>>();
        auth.MapDelete("/sessions/{id:id}", End).WithSummary("End one of my sessions; its connections close").Produces(204);
    }

    private static async Task<IResult> Register(HttpContext context, Registration registration, Visitors visitors)
    {
        if (!(await Body.Read<RegisterBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Proofs.Optional(body.PublicKey, body.ChallengeId, body.Signature).TryGet(out var key, out refusal)) return RestFaults.Result(refusal);
        var request = new Register(body.Username, body.DisplayName, body.Password, key, body.InviteCode, body.SetupToken);
        return Answered(context, await registration.Register(request, visitors.Of(context), context.RequestAborted), StatusCodes.Status201Created);
    }

    private static async Task<IResult> LogIn(HttpContext context, LogIns logIns, Visitors visitors) =>
        (await Body.Read<LogInBody>(context)).TryGet(out var body, out var refusal)
            ? Answered(context, await logIns.WithPassword(body.Username, body.Password, visitors.Of(context), context.RequestAborted))
            : RestFaults.Result(refusal);

    private static async Task<IResult> Challenge(HttpContext context, Challenges challenges, Visitors visitors) =>
        (await Body.Read<ChallengeBody>(context)).TryGet(out var body, out var refusal)
            ? Answer.Of(await challenges.Make(body.PublicKey, visitors.Of(context), context.RequestAborted), ChallengeJson.Of)
            : RestFaults.Result(refusal);

    private static async Task<IResult> Verify(HttpContext context, LogIns logIns, Visitors visitors)
    {
        if (!(await Body.Read<ProofBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Proofs.Of(body.PublicKey, body.ChallengeId, body.Signature).TryGet(out var answer, out refusal)
            ? Answered(context, await logIns.WithKey(answer, visitors.Of(context), context.RequestAborted))
            : RestFaults.Result(refusal);
    }

    private static async Task<IResult> Refresh(HttpContext context, Sessions sessions, Visitors visitors, Origins origins)
    {
        if (!(await Body.Read<RefreshBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var (token, byCookie) = (body.RefreshToken, false);
        if (token is null)
        {
            if (!RefreshCookie.Read(context.Request, origins).TryGet(out token, out refusal)) return RestFaults.Result(refusal);
            byCookie = token is not null;
        }
        if (token is null) return RestFaults.Result(Refusal.Invalid("refresh_token", "is missing, and there is no cookie either"));
        var renewed = await sessions.Refresh(token, visitors.Of(context), context.RequestAborted);
        if (byCookie && renewed.Refusal?.Fault == Fault.SessionEnded) RefreshCookie.Remove(context.Response);
        return Answered(context, renewed, byCookie: byCookie);
    }

    private static async Task<IResult> LogOut(HttpContext context, Sessions sessions)
    {
        RefreshCookie.Remove(context.Response);
        return Answer.Of(await sessions.LogOut(context.Caller()));
    }

    private static async Task<IResult> List(HttpContext context, Sessions sessions) => Answer.Json(new Page<SessionJson>
    {
        Items = [.. (await sessions.List(context.Caller(), context.RequestAborted)).Select(SessionJson.Of)],
    });

    private static async Task<IResult> End(HttpContext context, Guid id, Sessions sessions) => Answer.Of(await sessions.End(context.Caller(), id));

    private static IResult Answered(HttpContext context, Result<SignedIn> result, int status = StatusCodes.Status200OK, bool byCookie = false)
    {
        if (!result.TryGet(out var signedIn, out var refusal)) return RestFaults.Result(refusal);
        var cookie = byCookie || RefreshCookie.IsWanted(context.Request);
        if (cookie) RefreshCookie.Set(context.Response, signedIn.RefreshToken);
        context.Response.Headers.CacheControl = "no-store";
        return Answer.Json(SignedInJson.Of(signedIn, context.RequestServices.GetRequiredService<PresenceBoard>(), withRefreshToken: !cookie), status);
    }
}

/// <summary>With a password, an identity key (<c>public_key</c>, <c>challenge_id</c>, <c>signature</c>), or both.</summary>
internal sealed record RegisterBody
{
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public string? Password { get; init; }
    public string? PublicKey { get; init; }
    public Guid? ChallengeId { get; init; }
    public string? Signature { get; init; }
    public string? InviteCode { get; init; }

    /// <summary>Of the link that the server prints at its first start.</summary>
    public string? SetupToken { get; init; }
}

internal sealed record LogInBody
{
    public required string Username { get; init; }
    public required string Password { get; init; }
}

internal sealed record ChallengeBody
{
    public required string PublicKey { get; init; }
}

internal sealed record ProofBody
{
    public required string PublicKey { get; init; }
    public required Guid ChallengeId { get; init; }

    /// <summary>128 hexadecimal digits.</summary>
    public required string Signature { get; init; }
}

internal sealed record RefreshBody
{
    /// <summary>Absent where it is in the cookie.</summary>
    public string? RefreshToken { get; init; }
}

internal sealed record ChallengeJson
{
    public required Guid ChallengeId { get; init; }
    public required string Nonce { get; init; }
    public required string ServerId { get; init; }
    public required long ExpiresAt { get; init; }

    public static ChallengeJson Of(Challenge challenge) => new()
    {
        ChallengeId = challenge.Id,
        Nonce = Convert.ToHexStringLower(challenge.Nonce),
        ServerId = challenge.ServerId,
        ExpiresAt = challenge.ExpiresAt,
    };
}

internal sealed record SignedInJson
{
    public required OwnUserJson User { get; init; }
    public required Guid SessionId { get; init; }
    public required string AccessToken { get; init; }

    /// <summary>Absent where it was asked for as a cookie.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    /// <summary>Seconds until the access token ends.</summary>
    public required int ExpiresIn { get; init; }

    public static SignedInJson Of(SignedIn signedIn, PresenceBoard board, bool withRefreshToken) => new()
    {
        User = OwnUserJson.Of(signedIn.User, board),
        SessionId = signedIn.SessionId,
        AccessToken = signedIn.AccessToken,
        RefreshToken = withRefreshToken ? signedIn.RefreshToken : null,
        ExpiresIn = (int)signedIn.ExpiresIn.TotalSeconds,
    };
}

internal sealed record SessionJson
{
    public required Guid Id { get; init; }
    public required long CreatedAt { get; init; }
    public required long LastUsedAt { get; init; }
    public required long ExpiresAt { get; init; }
    public required string UserAgent { get; init; }
    public required string Address { get; init; }

    /// <summary>The one that asks.</summary>
    public required bool Current { get; init; }

    public static SessionJson Of(OwnSession session) => new()
    {
        Id = session.Id,
        CreatedAt = session.CreatedAt,
        LastUsedAt = session.LastUsedAt,
        ExpiresAt = session.ExpiresAt,
        UserAgent = session.UserAgent,
        Address = session.Address,
        Current = session.IsCurrent,
    };
}

[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(LogInBody))]
[JsonSerializable(typeof(ChallengeBody))]
[JsonSerializable(typeof(ProofBody))]
[JsonSerializable(typeof(RefreshBody))]
[JsonSerializable(typeof(ChallengeJson))]
[JsonSerializable(typeof(SignedInJson))]
[JsonSerializable(typeof(Page<SessionJson>))]
internal sealed partial class AuthJson : JsonSerializerContext;
