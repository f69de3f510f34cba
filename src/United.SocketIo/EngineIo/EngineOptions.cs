using Microsoft.AspNetCore.Http;

namespace United.SocketIo.EngineIo;

[Flags]
public enum EngineTransports
{
    None = 0,
    Polling = 1,
    WebSocket = 2,
}

/// <summary>
/// Options of the Engine.IO layer, with the names and defaults of the original; below them the bounds that the original lacks. They are checked when
/// a server is made of them: durations are from one millisecond to 24 days.
/// </summary>
public class EngineOptions
{
    /// <summary>From a connection's opening, or its last pong, to the next ping.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromMilliseconds(25_000);

    /// <summary>How long a pong may take before the connection counts as lost.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromMilliseconds(20_000);

    /// <summary>How long a client may take to complete an upgrade before the probing WebSocket is closed.</summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromMilliseconds(10_000);

    /// <summary>
    /// The largest POST body and the largest WebSocket message, in bytes; announced to clients as <c>maxPayload</c>. What is larger is
    /// answered with 413 and with close code 1009. From 1 to 2^30.
    /// </summary>
    public int MaxHttpBufferSize { get; set; } = 1_000_000;

    /// <summary>What clients may connect by; at least one.</summary>
    public EngineTransports Transports { get; set; } = EngineTransports.Polling | EngineTransports.WebSocket;

    /// <summary>Whether a polling client may go over to WebSocket.</summary>
    public bool AllowUpgrades { get; set; } = true;

    /// <summary>Answers to polls of this many bytes and more are compressed with gzip where the client takes it; null: never.</summary>
    public int? HttpCompressionThreshold { get; set; } = 1024;

    /// <summary>Null: no CORS header is ever sent, so browsers read answers on the server's own origin only.</summary>
    public CorsOptions? Cors { get; set; }

    /// <summary>Null: no cookie. Otherwise one with the session id comes with the handshake, for load balancers that route by cookie.</summary>
    public EngineCookie? Cookie { get; set; }

    /// <summary>
    /// Origins whose pages may connect, over either transport. Empty: all may, as with the original. CORS does not protect
    /// WebSockets, this does. A request without an Origin header (not a browser) passes.
    /// </summary>
    public ISet<string> AllowedOrigins { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Asked for each handshake and each upgrade. Null lets it pass; a text refuses it, and is what the client gets to read.</summary>
    public Func<HttpContext, ValueTask<string?>>? AllowRequest { get; set; }

    /// <summary>
    /// Asked for a place for each new session, which is disposed of once, when the session has ended. Null refuses the session with
    /// status 503: there are too many from its address, for instance.
    /// </summary>
    public Func<HttpContext, IDisposable?>? EnterSession { get; set; }

    /// <summary>Told of every refused request, with the reason that the client does not get to see.</summary>
    public Action<ConnectionError>? ConnectionError { get; set; }

    /// <summary>Sessions that may be open at one time, at least one. Handshakes beyond that are refused with status 503.</summary>
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// Bytes that may wait for one client, bookkeeping included; at least 1024. A message that comes when more wait, not counting what is being
    /// written and the first behind it, ends the session with reason <c>transport error</c>: a client that does not read must not cost memory.
    /// </summary>
    public int MaxQueuedBytes { get; set; } = 4 * 1024 * 1024;

    internal virtual void Validate()
    {
        Positive(PingInterval, nameof(PingInterval));
        Positive(PingTimeout, nameof(PingTimeout));
        Positive(UpgradeTimeout, nameof(UpgradeTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHttpBufferSize, 1, nameof(MaxHttpBufferSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxHttpBufferSize, 1 << 30, nameof(MaxHttpBufferSize));
        ArgumentOutOfRangeException.ThrowIfEqual((int)Transports, 0, nameof(Transports));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSessions, 1, nameof(MaxSessions));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedBytes, 1024, nameof(MaxQueuedBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(HttpCompressionThreshold ?? 0, 0, nameof(HttpCompressionThreshold));
    }

    private protected static void Positive(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(24), name);
    }
}

/// <summary>The cookie of the first answer: <c>io=SID; Path=/; HttpOnly; SameSite=Lax</c> unless set otherwise, over TLS also <c>Secure</c>.</summary>
public sealed class EngineCookie
{
    public string Name { get; set; } = "io";

    public string Path { get; set; } = "/";

    public bool HttpOnly { get; set; } = true;

    public SameSiteMode SameSite { get; set; } = SameSiteMode.Lax;

    /// <summary>Whether browsers send it over TLS only. Behind a proxy that ends TLS and whose headers the host does not read: <c>Always</c>.</summary>
    public CookieSecurePolicy Secure { get; set; } = CookieSecurePolicy.SameAsRequest;

    internal CookieOptions For(HttpRequest request) => new()
    {
        Path = Path,
        HttpOnly = HttpOnly,
        SameSite = SameSite,
        Secure = Secure == CookieSecurePolicy.Always || (Secure == CookieSecurePolicy.SameAsRequest && request.IsHttps),
    };
}

/// <summary>A refused request: what the client was told, and why.</summary>
/// <param name="Code">Engine.IO's number, 0 to 5.</param>
/// <param name="Context">The name of the broken rule, such as <c>TRANSPORT_MISMATCH</c>.</param>
public sealed record ConnectionError(HttpContext Request, int Code, string Message, string Context);
