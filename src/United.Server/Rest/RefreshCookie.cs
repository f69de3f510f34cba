using United.Core;
using United.Core.Identity;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>
/// A browser may keep its refresh token where no script can read it. The cookie is good for one route only, and there not
/// without our own Origin and a header that no foreign page can send unasked; so no other page can ride on it.
/// </summary>
internal static class RefreshCookie
{
    public const string Name = "__Host-rt";
    private const string Wanted = "X-Refresh-Cookie";
    private const string Meant = "X-CSRF";

    /// <summary>Whether the caller asks for the cookie instead of the token in the body.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers[Wanted] == "1";

    /// <returns>Null where there is no cookie.</returns>
    public static Result<string?> Read(HttpRequest request, Origins origins)
    {
        if (!request.Cookies.TryGetValue(Name, out var token)) return null as string;
        var ours = request.Headers[Meant] == "1" && request.Headers.Origin is [{ } origin] && origin.Equals(origins.Of(request), StringComparison.OrdinalIgnoreCase);
        return ours ? token : new Refusal(Fault.Forbidden, Reason: "The cookie is taken from this server's own pages only.");
    }

    public static void Set(HttpResponse response, string token) => response.Cookies.Append(Name, token, Options(Sessions.SlidingLifetime));

    public static void Remove(HttpResponse response) => response.Cookies.Append(Name, "", Options(TimeSpan.Zero));

    private static CookieOptions Options(TimeSpan life) =>
        new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = life };
}
