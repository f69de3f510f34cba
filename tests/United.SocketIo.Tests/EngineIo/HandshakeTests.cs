using System.Net;
using Microsoft.AspNetCore.Http;

namespace United.SocketIo.Tests.EngineIo;

public sealed class HandshakeTests
{
    [Fact]
    public async Task Polling_opens_a_session_with_exactly_five_keys()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        Assert.Equal(["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"], client.Handshake.EnumerateObject().Select(p => p.Name));
        Assert.Equal(20, client.Sid.Length);
        Assert.Equal("""["websocket"]""", client.Handshake.GetProperty("upgrades").GetRawText());
        Assert.Equal(25_000, client.Handshake.GetProperty("pingInterval").GetInt32());
        Assert.Equal(20_000, client.Handshake.GetProperty("pingTimeout").GetInt32());
        Assert.Equal(1_000_000, client.Handshake.GetProperty("maxPayload").GetInt32());
    }

    [Fact]
    public async Task WebSocket_opens_a_session_without_upgrades()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await RawWebSocket.Connect(host, "/engine.io/?EIO=4&transport=websocket");
        Assert.Contains("Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=", socket.Answer);
        var open = await socket.ReadText();
        Assert.Matches("""^0\{"sid":"[\w-]{20}","upgrades":\[\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$""", open);
    }

    [Theory]
    [InlineData("GET", "", 400, """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("GET", "?EIO=4", 400, """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("GET", "?EIO=4&transport=abc", 400, """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("GET", "?EIO=4&transport=webtransport", 400, """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("GET", "?EIO=4&transport=polling&transport=abc", 400, """{"code":0,"message":"Transport unknown"}""")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=nobody", 400, """{"code":1,"message":"Session ID unknown"}""")]
    [InlineData("POST", "?EIO=4&transport=polling&sid=nobody", 400, """{"code":1,"message":"Session ID unknown"}""")]
    [InlineData("POST", "?EIO=4&transport=polling", 400, """{"code":2,"message":"Bad handshake method"}""")]
    [InlineData("PUT", "?EIO=4&transport=polling", 400, """{"code":2,"message":"Bad handshake method"}""")]
    [InlineData("OPTIONS", "?EIO=4&transport=polling", 400, """{"code":2,"message":"Bad handshake method"}""")]
    [InlineData("GET", "?EIO=4&transport=websocket", 400, """{"code":3,"message":"Bad request"}""")]
    [InlineData("GET", "?transport=polling", 400, """{"code":5,"message":"Unsupported protocol version"}""")]
    [InlineData("GET", "?EIO=3&transport=polling", 400, """{"code":5,"message":"Unsupported protocol version"}""")]
    [InlineData("GET", "?EIO=abc&transport=polling", 400, """{"code":5,"message":"Unsupported protocol version"}""")]
    public async Task A_request_that_breaks_a_rule_gets_the_originals_answer(string method, string query, int status, string body)
    {
        await using var host = await SocketIoHost.Start();
        using var client = new PollingClient(host);
        using var response = await client.Raw(new HttpMethod(method), query);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("?transport=websocket", "Unsupported protocol version")]
    [InlineData("?EIO=4", "Transport unknown")]
    [InlineData("?EIO=4&transport=websocket&sid=nobody", "Session ID unknown")]
    [InlineData("?EIO=4&transport=polling", "Bad request")]
    public async Task A_refused_WebSocket_gets_400_and_the_bare_text(string query, string text)
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await RawWebSocket.Connect(host, "/engine.io/" + query);
        Assert.StartsWith("HTTP/1.1 400", socket.Answer);
        Assert.Contains("Content-Type: text/html", socket.Answer);
        Assert.EndsWith(text, socket.Answer.TrimEnd('\r', '\n', '0'));
    }

    [Fact]
    public async Task Another_protocol_than_the_sessions_is_refused()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var (status, body) = await client.Send(HttpMethod.Get, client.Query.Replace("EIO=4", "EIO=3"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("\"code\":3", body);
    }

    [Theory]
    [InlineData("/engine.io")]
    [InlineData("/engine.io/")]
    [InlineData("/engine.io/anything")]
    public async Task The_path_is_served_with_and_without_a_slash_and_below(string path)
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host, path);
        Assert.NotEmpty(client.Sid);
    }

    [Fact]
    public async Task A_hook_refuses_with_403_and_its_own_words()
    {
        var seen = new List<string>();
        await using var host = await SocketIoHost.Start(o =>
        {
            o.AllowRequest = http => ValueTask.FromResult(http.Request.Query.ContainsKey("token") ? null : "No \"token\"");
            o.ConnectionError = error => seen.Add(error.Context);
        });
        using var client = new PollingClient(host);
        Assert.Equal((HttpStatusCode.Forbidden, """{"code":4,"message":"No \"token\""}"""), await client.Send(HttpMethod.Get, "?EIO=4&transport=polling"));
        Assert.Equal(HttpStatusCode.OK, (await client.Send(HttpMethod.Get, "?EIO=4&transport=polling&token=1")).Status);
        using var socket = await RawWebSocket.Connect(host, "/engine.io/?EIO=4&transport=websocket");
        Assert.StartsWith("HTTP/1.1 400", socket.Answer);
        Assert.Equal(["ALLOW_REQUEST", "ALLOW_REQUEST"], seen);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("https://good.example.evil.example", false)]
    [InlineData("http://good.example", false)]
    [InlineData("https://good.example", true)]
    [InlineData(null, true)]
    public async Task Foreign_origins_are_refused_on_both_transports(string? origin, bool passes)
    {
        await using var host = await SocketIoHost.Start(o => o.AllowedOrigins.Add("https://good.example"));
        using var client = new PollingClient(host);
        using var response = await client.Raw(HttpMethod.Get, "?EIO=4&transport=polling", headers: origin is null ? [] : [("Origin", origin)]);
        Assert.Equal(passes ? 200 : 403, (int)response.StatusCode);
        using var socket = await RawWebSocket.Connect(host, "/engine.io/?EIO=4&transport=websocket", origin is null ? "" : $"Origin: {origin}\r\n");
        Assert.StartsWith(passes ? "HTTP/1.1 101" : "HTTP/1.1 400", socket.Answer);
    }

    [Fact]
    public async Task Cookies_are_off_unless_asked_for()
    {
        await using var without = await SocketIoHost.Start();
        using var plain = new PollingClient(without);
        using var bare = await plain.Raw(HttpMethod.Get, "?EIO=4&transport=polling");
        Assert.False(bare.Headers.Contains("Set-Cookie"));
        await using var with = await SocketIoHost.Start(o => o.Cookie = new());
        using var client = new PollingClient(with);
        using var response = await client.Raw(HttpMethod.Get, "?EIO=4&transport=polling");
        Assert.Matches("^io=[\\w-]{20}; path=/; samesite=lax; httponly$", response.Headers.GetValues("Set-Cookie").Single());
    }

    [Theory]
    [InlineData(CookieSecurePolicy.SameAsRequest, true, true)]
    [InlineData(CookieSecurePolicy.SameAsRequest, false, false)]
    [InlineData(CookieSecurePolicy.Always, false, true)]
    [InlineData(CookieSecurePolicy.None, true, false)]
    public async Task The_cookie_of_a_session_over_tls_is_for_tls_alone(CookieSecurePolicy policy, bool tls, bool secure)
    {
        await using var host = await SocketIoHost.Start(o =>
        {
            o.Cookie = new() { Secure = policy };
            o.AllowRequest = http =>
            {
                // As a host does that reads its proxy's headers.
                if (tls) http.Request.Scheme = "https";
                return new((string?)null);
            };
        });
        using var client = new PollingClient(host);
        using var response = await client.Raw(HttpMethod.Get, "?EIO=4&transport=polling");
        Assert.Equal(secure, response.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cors_answers_preflights_and_marks_errors_too()
    {
        await using var host = await SocketIoHost.Start(o => o.Cors = new() { Origins = { "https://a.example", "https://b.example" }, Credentials = true });
        using var client = new PollingClient(host);
        using var preflight = await client.Raw(HttpMethod.Options, "?EIO=4&transport=polling", headers: [("Origin", "https://b.example"), ("Access-Control-Request-Headers", "x-a")]);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("https://b.example", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("true", preflight.Headers.GetValues("Access-Control-Allow-Credentials").Single());
        Assert.Equal("x-a", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());
        using var error = await client.Raw(HttpMethod.Get, "?EIO=4", headers: [("Origin", "https://a.example")]);
        Assert.Equal("https://a.example", error.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var foreign = await client.Raw(HttpMethod.Get, "?EIO=4&transport=polling", headers: [("Origin", "https://c.example")]);
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Sessions_are_bounded()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxSessions = 2);
        using var first = await PollingClient.Open(host);
        using var second = await PollingClient.Open(host);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await second.Send(HttpMethod.Get, "?EIO=4&transport=polling")).Status);
        await first.Push("1");
        using var third = await PollingClient.Open(host);
        Assert.Equal(2, host.Engine.Count);
    }

    [Fact]
    public async Task Handshakes_of_one_moment_do_not_pass_the_bound()
    {
        using var both = new Barrier(2);
        var places = 0;
        await using var host = await SocketIoHost.Start(o =>
        {
            o.MaxSessions = 1;
            o.EnterSession = _ =>
            {
                Interlocked.Increment(ref places);
                both.SignalAndWait(TimeSpan.FromSeconds(20));
                return new Place(() => Interlocked.Decrement(ref places));
            };
        });
        using var client = new PollingClient(host);
        var answers = await Task.WhenAll(client.Send(HttpMethod.Get, "?EIO=4&transport=polling"), client.Send(HttpMethod.Get, "?EIO=4&transport=polling"));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], answers.Select(answer => answer.Status).Order());
        Assert.Equal((1, 1), (host.Engine.Count, places));
    }

    [Fact]
    public async Task Transports_can_be_switched_off()
    {
        await using var host = await SocketIoHost.Start(o => o.Transports = United.SocketIo.EngineIo.EngineTransports.Polling);
        using var client = await PollingClient.Open(host);
        Assert.Equal("[]", client.Handshake.GetProperty("upgrades").GetRawText());
        using var socket = await RawWebSocket.Connect(host, "/engine.io/?EIO=4&transport=websocket");
        Assert.Contains("Transport unknown", socket.Answer);
    }

    private sealed class Place(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
