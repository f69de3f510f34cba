using System.Net;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class HeadersTests
{
    [Theory]
    [InlineData("/api/server")]
    [InlineData("/api/nothing")]
    [InlineData("/health/live")]
    [InlineData("/openapi/v1.json")]
    public async Task Every_answer_tells_the_browser_what_not_to_do(string path)
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        var headers = (await server.Client.GetAsync(path, TestContext.Current.CancellationToken)).Headers;

        Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal(path.StartsWith("/api", StringComparison.Ordinal), headers.CacheControl is { NoStore: true });
        Assert.False(headers.Contains("Server"));
    }

    [Fact]
    public async Task Other_sites_may_not_use_the_server_unless_they_are_listed()
    {
        await using var alone = await TestServer.Start(Engine.Sqlite);
        await using var open = await TestServer.Start(Engine.Sqlite, settings: ("Cors:Origins", "https://a.example, https://b.example:8443"));

        Assert.Null(await AllowedOrigin(alone, "https://a.example"));
        Assert.Equal("https://a.example", await AllowedOrigin(open, "https://a.example"));
        Assert.Equal("https://b.example:8443", await AllowedOrigin(open, "https://b.example:8443"));
        foreach (var foreign in (string[])["https://b.example", "http://a.example", "https://a.example.evil", "https://xa.example", "null", "https://sub.a.example"])
            Assert.Null(await AllowedOrigin(open, foreign));
    }

    [Fact]
    public async Task A_listed_site_may_ask_with_a_token_but_without_cookies()
    {
        await using var server = await TestServer.Start(Engine.Sqlite, settings: ("Cors:Origins", "https://a.example"));
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/users/me")
        {
            Headers = { { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "PATCH" }, { "Access-Control-Request-Headers", "authorization,content-type" } },
        };

        var answer = await server.Client.SendAsync(preflight, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Contains("PATCH", answer.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Contains("Authorization", answer.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.OrdinalIgnoreCase);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("", "X-Forwarded-Proto", false)]
    [InlineData("10.0.0.0/8", "X-Forwarded-Proto", false)]
    [InlineData("127.0.0.1", "X-Forwarded-Proto", true)]
    [InlineData("127.0.0.0/8", "X-Forwarded-Proto", true)]
    public async Task Forwarded_headers_are_believed_from_the_listed_proxies_alone(string trusted, string header, bool believed)
    {
        await using var server = await TestServer.Start(Engine.Sqlite, settings: ("Proxies:Trusted", trusted));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/server") { Headers = { { header, "https" }, { "X-Forwarded-For", "203.0.113.7" } } };

        var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(believed, answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(believed, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("\"wss://", StringComparison.Ordinal));
    }

    private static async Task<string?> AllowedOrigin(TestServer server, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/server");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        var answer = await server.Client.SendAsync(request);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
