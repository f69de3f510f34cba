using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Web;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class WebPagesTests
{
    private static readonly Dictionary<string, string> Built = new()
    {
        ["index.html"] = "<!doctype html>the page",
        ["favicon.svg"] = "<svg/>",
        ["sw.js"] = "worker",
        ["assets/main-1a2b.js"] = "script",
        ["assets/main-1a2b.js.br"] = "brotli of it",
        ["assets/main-1a2b.js.gz"] = "gzip of it",
        ["docs/index.html"] = "the reference",
    };

    [Theory]
    [InlineData("/")]
    [InlineData("/setup")]
    [InlineData("/channels/01a1fe41-e846-766f-8e3b-182f6995bcc4")]
    [InlineData("/apidays")]
    public async Task Every_place_in_the_client_gets_its_page(string path)
    {
        await using var server = await Serve();

        var answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal("<!doctype html>the page", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.Equal(SecurityHeaders.PagePolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("/assets/missing.js")]
    [InlineData("/assets/")]
    [InlineData("/missing.png")]
    [InlineData("/api/nothing")]
    [InlineData("/api")]
    [InlineData("/health/nothing")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/index.html/x.js")]
    [InlineData("/assets/main-1a2b.js.br")]
    [InlineData("/..%2f..%2fetc/passwd.txt")]
    public async Task What_is_missing_is_missing(string path)
    {
        await using var server = await Serve();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Assets_are_kept_for_ever_in_the_smallest_form_that_is_taken()
    {
        await using var server = await Serve();

        Assert.Equal(("brotli of it", "br"), await Get("br, gzip"));
        Assert.Equal(("gzip of it", "gzip"), await Get("gzip"));
        Assert.Equal(("gzip of it", "gzip"), await Get("br;q=0, gzip"));
        Assert.Equal(("script", ""), await Get("identity"));

        async Task<(string, string)> Get(string accepted)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/main-1a2b.js");
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
            var answer = await server.Client.SendAsync(request);
            Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
            Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
            return (await answer.Content.ReadAsStringAsync(), string.Join(",", answer.Content.Headers.ContentEncoding));
        }
    }

    [Fact]
    public async Task A_page_that_has_not_changed_is_not_sent_again()
    {
        await using var server = await Serve();
        var first = await server.Client.GetAsync("/sw.js", TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/sw.js") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var other = new HttpRequestMessage(HttpMethod.Get, "/sw.js") { Headers = { IfNoneMatch = { new EntityTagHeaderValue("\"other\"") } } };

        var answer = await server.Client.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.NotModified, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsync(other, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Head_says_the_same_without_the_content()
    {
        await using var server = await Serve();

        var answer = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, Built["index.html"].Length), (answer.StatusCode, (int)answer.Content.Headers.ContentLength!));
    }

    [Fact]
    public async Task A_page_is_only_read()
    {
        await using var server = await Serve();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/", null, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_reference_has_a_policy_of_its_own_without_anything_from_elsewhere()
    {
        await using var server = await Serve();

        var answer = await server.Client.GetAsync("/docs", TestContext.Current.CancellationToken);

        Assert.Equal("the reference", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'self'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_built_without_pages_says_so_at_its_start_and_to_who_looks_for_them()
    {
        var log = new RecordedLog();
        await using var server = await TestServer.Start(Engine.Sqlite, replace: services => services
            .AddSingleton(new WebFiles(new Dictionary<string, Func<Stream>>())).AddSingleton<ILogger<WebPages>>(log));

        Assert.Contains("./run", Assert.Single(log.Warnings), StringComparison.Ordinal);
        var page = await server.Client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.NotFound, "text/plain; charset=utf-8"), (page.StatusCode, page.Content.Headers.ContentType!.ToString()));
        Assert.Contains("./run", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var elsewhere = await server.Client.GetAsync("/nowhere", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (elsewhere.StatusCode, elsewhere.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task A_server_with_its_pages_has_nothing_to_warn_of()
    {
        var log = new RecordedLog();
        await using var server = await TestServer.Start(Engine.Sqlite, replace: services => services.AddSingleton(Files()).AddSingleton<ILogger<WebPages>>(log));

        Assert.Empty(log.Warnings);
    }

    private static Task<TestServer> Serve() => TestServer.Start(Engine.Sqlite, replace: services => services.AddSingleton(Files()));

    private static WebFiles Files() =>
        new(Built.ToDictionary(file => file.Key, file => (Func<Stream>)(() => new MemoryStream(Encoding.UTF8.GetBytes(file.Value)))));

    private sealed class RecordedLog : ILogger<WebPages>
    {
        public ConcurrentQueue<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) Warnings.Enqueue(formatter(state, exception));
        }
    }
}
