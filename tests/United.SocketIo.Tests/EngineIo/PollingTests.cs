using System.Net;
using System.Text;
using United.Testing;

namespace United.SocketIo.Tests.EngineIo;

public sealed class PollingTests
{
    [Theory]
    [InlineData("4hello")]
    [InlineData("4test1\x1e" + "4test2\x1e" + "4test3")]
    [InlineData("4hello\x1e" + "bAQIDBA==")]
    [InlineData("4h\u00e9\u20ac\U0001F600")]
    public async Task What_is_posted_comes_back_with_the_next_poll(string payload)
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        Assert.Equal((HttpStatusCode.OK, "ok"), await client.Push(payload));
        Assert.Equal((HttpStatusCode.OK, payload), await client.Poll());
    }

    [Fact]
    public async Task A_poll_that_waits_is_answered_when_there_is_something()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var poll = client.Poll();
        await client.Push("4late");
        Assert.Equal((HttpStatusCode.OK, "4late"), await poll);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("4ok\x1e")]
    [InlineData("9")]
    [InlineData("b!!!!")]
    [InlineData("2")]
    [InlineData("2probe")]
    public async Task A_malformed_packet_ends_the_session(string payload)
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Push(payload)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
        Assert.Equal(0, host.Engine.Count);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_end_the_session()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Push([(byte)'4', 0xC3, 0x28])).Status);
        using var other = await PollingClient.Open(host);
        Assert.Equal(HttpStatusCode.BadRequest, (await other.Push([1, 2], "application/octet-stream")).Status);
        Assert.Equal(0, host.Engine.Count);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("5")]
    [InlineData("6")]
    public async Task Packets_without_meaning_here_are_ignored(string payload)
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        Assert.Equal(HttpStatusCode.OK, (await client.Push(payload)).Status);
        await client.Push("4still here");
        Assert.Equal("4still here", (await client.Poll()).Body);
    }

    [Fact]
    public async Task Two_polls_at_once_end_the_session()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var both = await Task.WhenAll(client.Poll(), client.Poll());
        Assert.Single(both, answer => answer is (HttpStatusCode.OK, "1"));
        Assert.Single(both, answer => answer.Status == HttpStatusCode.BadRequest);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
    }

    [Fact]
    public async Task Two_posts_at_once_end_the_session()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var half = new TaskCompletionSource();
        var slow = client.Send(HttpMethod.Post, client.Query, new SlowContent("4a"u8.ToArray(), half.Task));
        // Until the slow one is being read, a quick one may still pass.
        while ((await client.Push("3")).Status == HttpStatusCode.OK)
        {
        }
        Assert.Equal(0, host.Engine.Count);
        half.SetResult();
        Assert.NotEqual(HttpStatusCode.OK, (await slow).Status);
    }

    [Fact]
    public async Task A_poll_that_is_given_up_ends_the_session()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var giveUp = new CancellationTokenSource();
        var poll = client.Poll(giveUp.Token);
        await Eventually.Holds(() => host.Newest!.PollWaits);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        await Eventually.Holds(() => host.Engine.Count == 0);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
    }

    [Fact]
    public async Task A_body_that_ends_early_ends_the_session_and_holds_up_nobody()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var other = await PollingClient.Open(host);
        using (var slow = new System.Net.Sockets.TcpClient("127.0.0.1", host.Port))
        {
            await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /engine.io/{client.Query} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n4half"));
            await other.Push("4quick");
            Assert.Equal("4quick", (await other.Poll()).Body);
        }
        await Eventually.Holds(() => host.Engine.Count == 1);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
    }

    [Fact]
    public async Task A_body_above_the_limit_gets_413_and_the_session_lives()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxHttpBufferSize = 1000);
        using var client = await PollingClient.Open(host);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, ""), await client.Push("4" + new string('x', 1000)));
        var chunked = client.Send(HttpMethod.Post, client.Query, new SlowContent(Encoding.ASCII.GetBytes("4" + new string('x', 5000)), Task.CompletedTask));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await chunked).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.Push("4" + new string('x', 999))).Status);
        Assert.Equal(1000, (await client.Poll()).Body.Length);
    }

    [Fact]
    public async Task Many_packets_in_one_poll_are_all_heard()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var payload = string.Join('\x1e', Enumerable.Range(0, 5000).Select(i => "4" + i));
        await client.Push(payload);
        Assert.Equal(payload, (await client.Poll()).Body);
    }

    [Fact]
    public async Task The_client_closes_and_its_poll_gets_a_noop()
    {
        await using var host = await SocketIoHost.Start(time: new ManualTime()); // or the poll, on its own connection, may come too late
        using var client = await PollingClient.Open(host);
        var both = await Task.WhenAll(client.Poll(), client.Push("1"));
        Assert.Equal((HttpStatusCode.OK, "6"), both[0]);
        Assert.Equal((HttpStatusCode.OK, "ok"), both[1]);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
    }

    [Fact]
    public async Task The_server_stops_and_polls_are_released()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var poll = client.Poll();
        await Eventually.Holds(() => host.Newest!.PollWaits);
        await host.Engine.Close();
        Assert.Equal((HttpStatusCode.OK, "1"), await poll);
    }

    [Fact]
    public async Task Large_answers_are_compressed_where_the_client_takes_it()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        await client.Push("4" + new string('x', 5000));
        using var response = await client.Raw(HttpMethod.Get, client.Query, headers: [("Accept-Encoding", "deflate, gzip")]);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var gzip = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal("4" + new string('x', 5000), await new StreamReader(gzip).ReadToEndAsync());
    }

    [Fact]
    public async Task Answers_have_the_originals_headers()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var post = await client.Raw(HttpMethod.Post, client.Query, new StringContent("4a"));
        Assert.Equal("text/html", post.Content.Headers.ContentType?.ToString());
        using var poll = await client.Raw(HttpMethod.Get, client.Query);
        Assert.Equal("text/plain; charset=UTF-8", poll.Content.Headers.ContentType?.ToString());
        Assert.True(poll.Headers.CacheControl?.NoStore);
        Assert.Equal(2, poll.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Pings_come_and_silence_ends_the_session()
    {
        await using var host = await SocketIoHost.Start(Quick);
        using var client = await PollingClient.Open(host);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((HttpStatusCode.OK, "2"), await client.Poll());
            Assert.Equal(HttpStatusCode.OK, (await client.Push("3")).Status);
        }
        Assert.Equal((HttpStatusCode.OK, "2"), await client.Poll());
        Assert.Equal((HttpStatusCode.OK, "1"), await client.Poll());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Poll()).Status);
    }

    /// <summary>Pings come soon; what a test has to answer in time leaves a busy machine time enough.</summary>
    internal static void Quick(SocketIoOptions options)
    {
        options.PingInterval = TimeSpan.FromMilliseconds(300);
        options.PingTimeout = TimeSpan.FromSeconds(2);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(50, 0)]
    public async Task Behind_a_message_larger_than_may_wait_others_find_room_up_to_the_bound(int others, int sessions)
    {
        await using var host = await SocketIoHost.Start(o => o.MaxQueuedBytes = 1024);
        using var client = await PollingClient.Join(host);
        host.Io.Emit("large", new string('x', 100_000));
        for (var i = 0; i < others; i++) host.Io.Emit("small", i);
        Assert.Equal(sessions, host.Io.Engine.Count);
        if (sessions == 0) return;
        var packets = (await client.Poll()).Body.Split('\u001e');
        Assert.StartsWith("""42["large",""", packets[0]);
        Assert.Equal(others, packets.Count(packet => packet.StartsWith("""42["small",""", StringComparison.Ordinal)));
    }

    /// <summary>Sends the first byte, and the rest when told to, without a length.</summary>
    private sealed class SlowContent(byte[] bytes, Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, 1));
            await stream.FlushAsync();
            await rest;
            try
            {
                await stream.WriteAsync(bytes.AsMemory(1));
            }
            catch (IOException)
            {
                // Refused before it was read to its end.
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
