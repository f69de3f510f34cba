using System.Net;
using United.Testing;

namespace United.SocketIo.Tests.EngineIo;

public sealed class UpgradeTests
{
    [Fact]
    public async Task A_probe_releases_the_poll_and_the_upgrade_moves_the_session()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        var poll = client.Poll();
        await client.Push("3");
        using var socket = await Probe(host, client);
        Assert.Equal((HttpStatusCode.OK, "6"), await poll);
        await socket.SendText("5");
        await socket.SendText("4hello");
        Assert.Equal("4hello", await socket.ReadText());
        Assert.Equal((HttpStatusCode.BadRequest, """{"code":3,"message":"Bad request"}"""), await client.Poll());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Push("4x")).Status);
        Assert.Equal(1, host.Engine.Count);
    }

    [Fact]
    public async Task Every_poll_that_comes_while_probing_is_released()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var socket = await Probe(host, client);
        for (var i = 0; i < 3; i++) Assert.Equal((HttpStatusCode.OK, "6"), await client.Poll());
    }

    [Fact]
    public async Task What_is_sent_while_no_poll_is_there_arrives_after_the_upgrade_in_order()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var socket = await Probe(host, client);
        await client.Push("4one\x1e" + "4two");
        await socket.SendText("5");
        await socket.SendText("4three");
        Assert.Equal(["4one", "4two", "4three"], [await socket.ReadText(), await socket.ReadText(), await socket.ReadText()]);
    }

    [Fact]
    public async Task A_second_WebSocket_is_accepted_and_closed_and_the_first_lives()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var socket = await Probe(host, client);
        using var whileProbing = await Connect(host, client);
        Assert.StartsWith("HTTP/1.1 101", whileProbing.Answer);
        Assert.Equal(1005, await whileProbing.ReadClose());
        await socket.SendText("5");
        using var afterwards = await Connect(host, client);
        Assert.Equal(1005, await afterwards.ReadClose());
        await socket.SendText("4hello");
        Assert.Equal("4hello", await socket.ReadText());
    }

    [Theory]
    [InlineData("4early")]
    [InlineData("2")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("garbage")]
    public async Task Anything_else_on_the_probe_closes_the_probe_only(string packet)
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using (var socket = await Connect(host, client))
        {
            await socket.SendText(packet);
            Assert.Equal(1005, await socket.ReadClose());
        }
        await client.Push("4alive");
        Assert.Equal("4alive", (await client.Poll()).Body);
        using var again = await Probe(host, client);
    }

    [Fact]
    public async Task A_probe_that_goes_away_leaves_the_session_on_polling_with_its_heartbeat()
    {
        await using var host = await SocketIoHost.Start(PollingTests.Quick);
        using var client = await PollingClient.Open(host);
        using (await Probe(host, client))
        {
        }
        string body;
        do body = (await client.Poll()).Body;
        while (body == "6");
        Assert.Equal("2", body);
        Assert.Equal("1", (await client.Poll()).Body);
        await Eventually.Holds(() => host.Engine.Count == 0);
    }

    [Fact]
    public async Task An_upgrade_that_is_never_completed_times_out()
    {
        var time = new ManualTime();
        await using var host = await SocketIoHost.Start(time: time);
        using var client = await PollingClient.Open(host);
        using var socket = await Probe(host, client);
        time.Advance(TimeSpan.FromSeconds(10));
        await socket.ReadClose();
        await client.Push("4alive");
        Assert.Equal("4alive", (await client.Poll()).Body);
    }

    [Fact]
    public async Task An_upgrade_while_a_post_is_read_is_refused()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Open(host);
        using var socket = await Probe(host, client);
        using var post = new System.Net.Sockets.TcpClient("127.0.0.1", host.Port);
        await post.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST /engine.io/{client.Query} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"));
        // "100 Continue" is Kestrel's word that the body is being read.
        await post.GetStream().ReadExactlyAsync(new byte[12]);
        await socket.SendText("5");
        Assert.Equal(1005, await socket.ReadClose());
    }

    [Fact]
    public async Task Upgrades_can_be_switched_off()
    {
        await using var host = await SocketIoHost.Start(o => o.AllowUpgrades = false);
        using var client = await PollingClient.Open(host);
        Assert.Equal("[]", client.Handshake.GetProperty("upgrades").GetRawText());
        using var socket = await Connect(host, client);
        Assert.Equal(1005, await socket.ReadClose());
    }

    private static Task<RawWebSocket> Connect(SocketIoHost host, PollingClient client) =>
        RawWebSocket.Connect(host, $"/engine.io/?EIO=4&transport=websocket&sid={client.Sid}");

    private static async Task<RawWebSocket> Probe(SocketIoHost host, PollingClient client)
    {
        var socket = await Connect(host, client);
        await socket.SendText("2probe");
        Assert.Equal("3probe", await socket.ReadText());
        return socket;
    }
}
