using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.WebUtilities;

namespace United.SocketIo.EngineIo;

/// <summary>What is kept of the request that opened a session.</summary>
public sealed class EngineHandshake
{
    /// <summary>Shared: without authentication ASP.NET would make a principal for each connection, and each would keep it.</summary>
    private static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    private readonly ClaimsPrincipal? _user;

    internal EngineHandshake(EngineRequest from, DateTimeOffset now)
    {
        var http = from.Http;
        var request = http.Request;
        Headers = new NameValues(request.Headers.Select(header => KeyValuePair.Create(header.Key, Shared(header.Value.ToString()))));
        Url = request.GetEncodedPathAndQuery();
        Address = http.Connection.RemoteIpAddress;
        Secure = request.IsHttps;
        Issued = now;
        _user = http.Features.Get<IHttpAuthenticationFeature>()?.User;
    }

    /// <summary>The request's headers; empty once it is forgotten (<see cref="SocketIoOptions.ForgetHandshakes"/>).</summary>
    public NameValues Headers { get; private set; }

    /// <summary>Read from the address each time: few ask, and each session would keep its reading.</summary>
    public NameValues Query
    {
        get
        {
            var query = QueryHelpers.ParseQuery(Url.IndexOf('?', StringComparison.Ordinal) is var start and >= 0 ? Url[start..] : "");
            // The last of several values of one name counts, as with URLSearchParams.
            return new NameValues(query.Select(item => KeyValuePair.Create(item.Key, item.Value[^1] ?? "")));
        }
    }

    /// <summary>Path and query, encoded; empty once it is forgotten.</summary>
    public string Url { get; private set; }

    /// <summary>Of the client, or of the last proxy that the host does not look through.</summary>
    public IPAddress? Address { get; }

    /// <summary>The request came over TLS.</summary>
    public bool Secure { get; }

    /// <summary>The request named an origin: it came from a page.</summary>
    public bool CrossDomain => Headers["Origin"] is not null;

    /// <summary>When the session was opened, in UTC.</summary>
    public DateTimeOffset Issued { get; }

    /// <summary>Who ASP.NET's authentication found the request to be from.</summary>
    public ClaimsPrincipal User => _user ?? Nobody;

    internal void Forget() => (Headers, Url) = (NameValues.None, "");

    /// <summary>Values that all clients send alike, such as <c>websocket</c>, are in the program already.</summary>
    private static string Shared(string value) => string.IsInterned(value) ?? value;
}
