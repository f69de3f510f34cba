using System.Net;
using United.Core.Identity;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>Who comes without a token, as the rules of signing in want to know it.</summary>
internal sealed class Visitors(Origins origins, ServerOptions options)
{
    public Visitor Of(HttpContext context) => new(
        context.Connection.RemoteIpAddress ?? IPAddress.None,
        context.Request.Headers.UserAgent.ToString(),
        origins.Of(context.Request),
        IsLocal: options.AllowLoopbackSetup && Origins.IsAtThisMachine(context));
}
