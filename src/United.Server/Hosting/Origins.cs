using System.Net;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>
/// Whose pages may use this server: its own, and those of <c>Cors:Origins</c>. One answer for REST, the protobuf socket and
/// Socket.IO; CORS does not cover WebSockets, so sockets ask here before they upgrade.
/// </summary>
internal sealed class Origins(ServerOptions options)
{
    private static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Original-Proto", "X-Real-IP"];

    /// <summary>No Origin at all passes: that is no browser, and it has to bring a token (there are no cookies to ride on).</summary>
    public bool Admit(HttpRequest request) => request.Headers.Origin switch
    {
        [] => true,
        [{ } origin] => Same(origin, Of(request)) || Array.Exists(options.CorsOrigins, allowed => Same(origin, allowed)),
        _ => false,
    };

    /// <summary>The <c>scheme://host[:port]</c> that the caller calls: the configured one, else the request's own.</summary>
    public string Of(HttpRequest request) => options.PublicUrl.Length > 0 ? options.PublicUrl : $"{request.Scheme}://{request.Host}";

    /// <summary>
    /// Somebody at this machine, strictly: the connection, the name that they called and the page that they came from are
    /// loopback, and no proxy says that it speaks for another. Behind a local proxy that says nothing, everybody is.
    /// </summary>
    public static bool IsAtThisMachine(HttpContext context)
    {
        var request = context.Request;
        return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && IsLoopback(request.Host.Host)
            && !Array.Exists(Forwarded, request.Headers.ContainsKey)
            && request.Headers.Origin.All(origin => Same(origin ?? "", $"{request.Scheme}://{request.Host}"));
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool Same(string origin, string other) => origin.Equals(other, StringComparison.OrdinalIgnoreCase);
}
