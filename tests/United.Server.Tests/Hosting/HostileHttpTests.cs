using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Hosting;

/// <summary>Bytes that no client sends by accident. The server answers with a refusal or hangs up, and serves the next.</summary>
public sealed class HostileHttpTests
{
    [Fact]
    public async Task Too_many_or_too_large_headers_are_refused()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        Assert.Equal(431, await Status(server, "GET /api/server HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"X-{i}: 1\r\n")) + "\r\n"));
        Assert.Equal(431, await Status(server, $"GET /api/server HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Protocol: {new string('a', 32 * 1024)}\r\n\r\n"));
        Assert.Equal(414, await Status(server, $"GET /api/server?{new string('a', 32 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal(200, await Status(server, "GET /api/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2;a\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("GET /api/server HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/server HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("GET /api/\0server HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /api/server HTTP/1.1\r\nHost: x\r\nA\0B: 1\r\n\r\n")]
    [InlineData("GET /api/server HTTP/1.1\r\nHost: x\r\nA : 1\r\n\r\n")]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")]
    public async Task What_two_readers_could_read_in_two_ways_is_refused(string bytes)
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        Assert.Equal(400, await Status(server, bytes));
        Assert.Equal(200, await Status(server, "GET /api/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_length_beside_chunks_smuggles_nothing()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        // By the length the body ends in the chunk's head, and the rest would be a request of its own.
        var answers = await Exchange(server,
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2b\r\nGET /api/server HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n\r\n0\r\n\r\n"
            + "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.DoesNotContain("server_id", answers, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(65_537, false)]
    [InlineData(65_537, true)]
    [InlineData(2_000_000, false)]
    [InlineData(2_000_000, true)]
    public async Task A_body_that_is_too_long_is_413_by_length_and_in_chunks(int bytes, bool chunked)
    {
        await using var server = await TestServer.Start(Engine.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/login")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"username":"{{new string('a', bytes - 15)}}"}""")) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("\"code\":\"too_large\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_given_up_and_others_are_served()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);
        var slow = Status(server, "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");

        Assert.Equal(200, await Status(server, "GET /api/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        Assert.Equal(400, await slow); // and with it the end of the connection
    }

    [Theory, EachDatabase]
    public async Task Who_was_suspended_while_their_body_was_on_its_way_posts_nothing(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (channel, mallory) = (await scene.OpenChannel(), await scene.Join("mallory"));
        await using var socket = await RawSocket.Connect(scene.Address);
        const string Body = """{"content":"still here"}""";
        var begun = await socket.Request(
            "POST", $"/api/channels/{channel}/messages", $"Host: {scene.Address.Authority}", $"Authorization: Bearer {mallory.AccessToken}", "Content-Type: application/json", $"Content-Length: {Body.Length}", "Expect: 100-continue");
        Assert.StartsWith("HTTP/1.1 100", begun, StringComparison.Ordinal);

        Assert.True((await scene.Core.Identity.Members.Suspend(await scene.Owner.Caller(scene.Core), mallory.Id)).Ok);
        await socket.Send(Encoding.ASCII.GetBytes(Body));

        Assert.StartsWith("HTTP/1.1 401", await socket.ReceiveHead(), StringComparison.Ordinal);
        Assert.Empty((await (await scene.Drive(WireKind.Rest, scene.Owner)).History(channel)).Must().Messages);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonp")]
    public async Task A_body_of_another_kind_is_415(string? contentType)
    {
        await using var server = await TestServer.Start(Engine.Sqlite);
        using var content = new ByteArrayContent("{}"u8.ToArray());
        if (contentType is not null) content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var answer = await server.Client.PostAsync("/api/auth/login", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("\"code\":\"unsupported_media_type\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<int> Status(TestServer server, string bytes) =>
        await Exchange(server, bytes) is { Length: > 12 } answer ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static async Task<string> Exchange(TestServer server, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
            await stream.CopyToAsync(answer);
        }
        catch (IOException)
        {
            // It hung up while we were still sending: what it said before is its answer.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
