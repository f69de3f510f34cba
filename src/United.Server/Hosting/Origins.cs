using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>
/// Whose pages may use this server: its own, and those of <c>Cors:Origins</c>. One answer for REST, the protobuf socket and
/// Socket.IO; CORS does not cover WebSockets, so sockets ask here before they upgrade.
/// </summary>
internal sealed class Origins(ServerOptions options)
{
    /// <summary>No Origin at all passes: that is no browser, and it has to bring a token (there are no cookies to ride on).</summary>
    public bool Allows(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        return origins.Count == 0 || (origins.Count == 1 && origins[0] is { } origin && (IsOwn(origin, request) || IsListed(origin)));
    }

    public bool IsListed(string origin) => Array.Exists(options.CorsOrigins, allowed => allowed.Equals(origin, StringComparison.OrdinalIgnoreCase));

    private bool IsOwn(string origin, HttpRequest request) => origin.Equals(Own(request), StringComparison.OrdinalIgnoreCase);

    /// <summary>The address of this server as the caller sees it: the configured one, else the request's own.</summary>
    public string Own(HttpRequest request) => options.PublicUrl.Length > 0 ? options.PublicUrl : $"{request.Scheme}://{request.Host}";
}
