using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace United.SocketIo.EngineIo;

/// <summary>Which pages of other origins may read answers. Works like the npm package <c>cors</c> that the original uses.</summary>
public sealed class CorsOptions
{
    /// <summary><c>*</c>; or one origin, which is then named to everybody and enforced by the browser; or several, of which the caller's is named.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Whether pages may send cookies.</summary>
    public bool Credentials { get; set; }

    /// <summary>Empty: what the browser asks for is allowed.</summary>
    public IList<string> AllowedHeaders { get; } = [];

    /// <summary>Headers of answers that pages may read beyond those that every page may.</summary>
    public IList<string> ExposedHeaders { get; } = [];

    /// <summary>How long a browser may remember the answer to a preflight.</summary>
    public TimeSpan? MaxAge { get; set; }
}

internal static class Cors
{
    /// <returns>True where the request was a preflight, which is answered with this.</returns>
    public static bool Apply(CorsOptions? options, HttpContext http)
    {
        if (options is null) return false;
        var headers = http.Response.Headers;
        AllowOrigin(options, http.Request.Headers.Origin, headers);
        if (options.Credentials) headers.AccessControlAllowCredentials = "true";
        if (options.ExposedHeaders.Count > 0) headers.AccessControlExposeHeaders = string.Join(',', options.ExposedHeaders);
        if (!HttpMethods.IsOptions(http.Request.Method)) return false;
        Preflight(options, http, headers);
        return true;
    }

    private static void AllowOrigin(CorsOptions options, StringValues origin, IHeaderDictionary headers)
    {
        if (options.Origins is ["*"])
        {
            headers.AccessControlAllowOrigin = "*";
            return;
        }
        headers.Append("Vary", "Origin");
        if (options.Origins is [var only]) headers.AccessControlAllowOrigin = only;
        else if (options.Origins.Contains(origin.ToString())) headers.AccessControlAllowOrigin = origin;
    }

    private static void Preflight(CorsOptions options, HttpContext http, IHeaderDictionary headers)
    {
        headers.AccessControlAllowMethods = "GET,HEAD,PUT,PATCH,POST,DELETE";
        if (options.AllowedHeaders.Count > 0)
        {
            headers.AccessControlAllowHeaders = string.Join(',', options.AllowedHeaders);
        }
        else
        {
            headers.Append("Vary", "Access-Control-Request-Headers");
            if (http.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } asked) headers.AccessControlAllowHeaders = asked;
        }
        if (options.MaxAge is { } age) headers.AccessControlMaxAge = ((long)age.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.ContentLength = 0;
    }
}
