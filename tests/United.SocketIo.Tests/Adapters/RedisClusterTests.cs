using System.Text.Json;
using United.SocketIo.Adapters;

namespace United.SocketIo.Tests.Adapters;

/// <summary>This server and a real Node server in one cluster, over a real Redis.</summary>
public sealed class RedisClusterTests
{
    [Fact]
    public async Task Broadcasts_cross_in_both_directions()
    {
        await using var cluster = await Cluster.Start();
        using var here = await cluster.Join("red");
        await cluster.Node("client", "red");

        await cluster.Node("emit", null, "to-all", 1, "é");
        Assert.Equal("""42["to-all",1,"é"]""", await here.ReadTextButPing());
        await cluster.Node("emit", "blue", "not-for-us");
        await cluster.Node("emitExcept", "red", "not-for-us");
        await cluster.Node("emit", "red", "to-red", new { a = 1.5 });
        Assert.Equal("""42["to-red",{"a":1.5}]""", await here.ReadTextButPing());
        await cluster.Node("emitBinary", "red", "binary", new[] { 1, 2, 3 });
        Assert.Equal("""451-["binary",{"data":{"_placeholder":true,"num":0},"at":"2023-11-14T22:13:20.123Z"}]""", await here.ReadTextButPing());
        Assert.Equal([1, 2, 3], (await here.ReadFrame())!.Value.Payload);

        await cluster.Heard(3);
        cluster.Host.Io.Emit("from-net", 1, "é");
        cluster.Host.Io.To("blue").Emit("not-for-node");
        cluster.Host.Io.Except("red").Emit("not-for-node");
        cluster.Host.Io.Local.Emit("not-for-node");
        cluster.Host.Io.To("red").Emit("bytes", new byte[] { 4, 5 });
        Assert.Equal("""[["client",0,"from-net",1,"é"],["client",0,"bytes",{"bytes":[4,5]}]]""", await cluster.Heard(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Acknowledged_broadcasts_collect_the_answers_of_both_nodes(bool specific)
    {
        await using var cluster = await Cluster.Start(specific);
        using var here = await cluster.Join("red");
        await cluster.Node("client", "red");
        await cluster.Node("client", "red");

        var asked = cluster.Host.Io.Timeout(TimeSpan.FromSeconds(10)).EmitWithAck("question");
        Assert.Equal("""420["question"]""", await here.ReadTextButPing());
        await here.SendText("""430["net client"]""");
        Assert.Equal(["\"net client\"", "\"node client 0\"", "\"node client 1\""], (await asked).Select(answer => answer.ToString()).Order());

        var fromNode = cluster.Node("emitWithAck", 10_000, "question");
        var question = await here.ReadTextButPing();
        await here.SendText("43" + question[2..^"""["question"]""".Length] + """["net client"]""");
        var said = await fromNode;
        Assert.StartsWith("[", said);
        var answers = JsonDocument.Parse(said).RootElement.EnumerateArray().Select(answer => answer.GetString()).Order();
        Assert.Equal(["net client", "node client 0", "node client 1"], answers);
    }

    [Fact]
    public async Task An_acknowledged_broadcast_that_is_not_answered_in_time_says_who_did()
    {
        await using var cluster = await Cluster.Start();
        using var deaf = await cluster.Join("red");
        await cluster.Node("client", "red");
        // Long enough for who does answer, by Redis and another process, on a machine that has other things to do.
        var asked = cluster.Host.Io.Timeout(TimeSpan.FromSeconds(3)).EmitWithAck("question");
        var timeout = await Assert.ThrowsAsync<AckTimeoutException>(() => asked);
        Assert.Equal("\"node client 0\"", Assert.Single(timeout.Responses).ToString());
        Assert.Equal("""{"error":"operation has timed out","responses":["node client 0"]}""", await cluster.Node("emitWithAck", 3000, "question"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sockets_are_fetched_across_nodes(bool specific)
    {
        await using var cluster = await Cluster.Start(specific);
        cluster.Host.Io.OnConnection(socket => socket.Data["name"] = "ann");
        using var here = await RawWebSocket.Join(cluster.Host, """40{"token":"t"}""");
        var there = JsonSerializer.Deserialize<string>(await cluster.Node("client", "red"));
        var local = cluster.Host.Io.Of("/").Sockets.Single();

        var all = await cluster.Host.Io.FetchSockets();
        Assert.Equal(new[] { local.Id, there }.Order(), all.Select(socket => socket.Id).Order());
        var remote = all.Single(socket => socket.Id == there);
        Assert.Equal(new[] { "red", there }.Order(), remote.Rooms.Order());
        Assert.Equal("websocket", remote.Handshake.GetProperty("query").GetProperty("transport").GetString());
        Assert.Equal(there, Assert.Single(await cluster.Host.Io.In("red").FetchSockets()).Id);

        var seen = JsonDocument.Parse(await cluster.Node("fetch", "")).RootElement.EnumerateArray().Single(socket => socket.GetProperty("id").GetString() == local.Id);
        Assert.Equal($$$"""{"id":"{{{local.Id}}}","rooms":["{{{local.Id}}}"],"data":{"name":"ann"},"auth":{"token":"t"}}""", seen.GetRawText());
    }

    [Fact]
    public async Task Rooms_are_joined_and_left_and_sockets_disconnected_from_the_other_node()
    {
        await using var cluster = await Cluster.Start();
        using var here = await cluster.Join("red");
        var there = JsonSerializer.Deserialize<string>(await cluster.Node("client", "red"))!;
        var local = cluster.Host.Io.Of("/").Sockets.Single();

        await cluster.Node("join", "red", "blue");
        await Eventually.Holds(() => local.Rooms.Contains("blue"));
        await cluster.Node("leave", "blue", "red");
        await Eventually.Holds(() => !local.Rooms.Contains("red"));

        cluster.Host.Io.In(there).SocketsJoin("green");
        cluster.Host.Io.To("green").Emit("green");
        Assert.Equal("""[["client",0,"green"]]""", await cluster.Heard(1));
        cluster.Host.Io.In(there).SocketsLeave("green");
        Assert.Empty(await cluster.Host.Io.In("green").FetchSockets());

        await cluster.Node("disconnect", "blue", true);
        Assert.Equal("41", await here.ReadTextButPing());
        Assert.Equal(1005, await here.ReadClose());
        cluster.Host.Io.In(there).DisconnectSockets();
        Assert.Empty(await cluster.Host.Io.FetchSockets());
    }

    [Fact]
    public async Task Servers_speak_to_each_other()
    {
        await using var cluster = await Cluster.Start();
        var heard = new List<string>();
        cluster.Host.Io.OnServerSideEmit("hello", e =>
        {
            lock (heard) heard.Add(e.Args[0].ToString());
            e.Ack("net heard it");
        });
        cluster.Host.Io.ServerSideEmit("hello", "from net");
        Assert.Equal("""[["hello","from net"]]""", await cluster.Heard(1));
        Assert.Equal("\"node heard x\"", Assert.Single(await cluster.Host.Io.ServerSideEmitWithAck("hello", "x")).ToString());
        Assert.Equal("""["net heard it"]""", await cluster.Node("serversWithAck", "hello", "y"));
        await cluster.Node("servers", "hello", "z");
        await Eventually.Holds(() => heard.Count == 2);
        Assert.Equal(["\"y\"", "\"z\""], heard);
    }

    [Fact]
    public async Task The_emitter_reaches_our_clients()
    {
        await using var cluster = await Cluster.Start();
        using var here = await cluster.Join("red");
        await cluster.Node("emitterEmit", "red", "from-emitter", new { a = 1 });
        Assert.Equal("""42["from-emitter",{"a":1}]""", await here.ReadTextButPing());
        await cluster.Node("emitterJoin", "red", "blue");
        await Eventually.Holds(() => cluster.Host.Io.Of("/").Sockets.Single().Rooms.Contains("blue"));
    }

    [Fact]
    public async Task Redis_dies_and_comes_back_and_so_does_the_cluster()
    {
        await using var cluster = await Cluster.Start();
        using var here = await cluster.Join("red");
        await cluster.Node("client", "red");
        await cluster.Redis.Down();
        cluster.Host.Io.Emit("local", 1);
        Assert.Equal("""42["local",1]""", await here.ReadTextButPing());
        Assert.Single(await cluster.Host.Io.Local.FetchSockets());
        await cluster.Redis.Up();
        await cluster.WhenWhole();
        await cluster.Node("heard");
        cluster.Host.Io.To("red").Emit("again");
        Assert.Equal("""42["again"]""", await here.ReadTextButPing());
        Assert.Equal("""[["client",0,"again"]]""", await cluster.Heard(1));
        await cluster.Node("emit", "red", "back");
        Assert.Equal("""42["back"]""", await here.ReadTextButPing());
    }

    [Fact]
    public async Task A_server_starts_without_Redis_and_joins_when_it_is_there()
    {
        await using var redis = await RedisServer.Start();
        await redis.Down();
        await using var host = await SocketIoHost.Start(o => o.UseRedis($"127.0.0.1:{redis.Port}"));
        using var here = await RawWebSocket.Join(host);
        host.Io.Emit("alone");
        Assert.Equal("""42["alone"]""", await here.ReadTextButPing());
        await redis.Up();
        await using var other = await SocketIoHost.Start(o => o.UseRedis($"127.0.0.1:{redis.Port}"));
        var joined = false;
        while (!joined)
        {
            other.Io.Emit("together");
            joined = await host.Io.Of("/").ServerCount() == 2 && await other.Io.Of("/").ServerCount() == 2;
            await Task.Delay(20);
        }
        other.Io.Emit("together");
        Assert.Equal("""42["together"]""", await here.ReadTextButPing());
    }

    [Fact]
    public async Task Whatever_is_published_hurts_nobody()
    {
        // Without the original in the cluster: bytes that it cannot parse end its process.
        await using var server = await RedisServer.Start();
        await using var host = await SocketIoHost.Start(o => o.UseRedis($"127.0.0.1:{server.Port}"));
        using var here = await RawWebSocket.Join(host);
        await using var redis = new RedisLink($"127.0.0.1:{server.Port}", new RedisAdapterOptions(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await redis.Subscribe(RedisLink.Literal("nothing"), (_, _) => { });
        host.Io.Of("/").Sockets.Single().Join("red");
        // Has subscribed to its channels by the time that it can count.
        Assert.Equal(1, await host.Io.Of("/").ServerCount());
        string[] texts = ["", "{", "{}", "[]", "{\"type\":99}", "{\"type\":\"x\"}", "{\"type\":2}", "{\"type\":5,\"requestId\":1}", "{\"type\":6,\"data\":{}}", "{\"type\":7,\"requestId\":\"a\"}", "\u0000", "{\"requestId\":\"a\",\"type\":8}"];
        var random = new Random(4);
        foreach (var channel in (string[])["socket.io#/#", "socket.io-request#/#", "socket.io-response#/#", "socket.io#/#red#"])
        {
            foreach (var text in texts) redis.Publish(channel, System.Text.Encoding.UTF8.GetBytes(text));
            for (var i = 0; i < 500; i++)
            {
                var noise = new byte[random.Next(40)];
                random.NextBytes(noise);
                redis.Publish(channel, noise);
            }
        }
        var valid = RedisMessages.Broadcast("emitter", host.Io.Of("/"), host.Io.Of("/").Encode("alive", []), new Target(["red"], []), EmitFlags.None);
        redis.Publish("socket.io#/#red#", valid);
        Assert.Equal("""42["alive"]""", await here.ReadTextButPing());
    }

    private sealed class Cluster(RedisServer redis, RunningNode node, SocketIoHost host) : IAsyncDisposable
    {
        public RedisServer Redis { get; } = redis;

        public SocketIoHost Host { get; } = host;

        public static async Task<Cluster> Start(bool specific = false)
        {
            var redis = await RedisServer.Start();
            var node = await United.SocketIo.Tests.Hosting.Node.Serve("server.mjs", $"{redis.Port}", specific ? "specific" : "common");
            var host = await SocketIoHost.Start(o => o.UseRedis($"127.0.0.1:{redis.Port}", r => r.PublishOnSpecificResponseChannel = specific));
            var cluster = new Cluster(redis, node, host);
            await cluster.WhenWhole();
            return cluster;
        }

        public async Task WhenWhole()
        {
            while (await Host.Io.Of("/").ServerCount() != 2 || await Node("count") != "2") await Task.Delay(20);
        }

        public Task<string> Node(params object?[] verb) => node.Ask(JsonSerializer.Serialize(verb));

        public async Task<RawWebSocket> Join(string room)
        {
            var socket = await RawWebSocket.Join(Host);
            Host.Io.Of("/").Sockets.Single().Join(room);
            return socket;
        }

        /// <summary>What the Node server and its clients have heard, as soon as it is that much.</summary>
        public async Task<string> Heard(int count)
        {
            var heard = new List<JsonElement>();
            while (heard.Count < count) heard.AddRange(JsonDocument.Parse(await Node("heard")).RootElement.EnumerateArray());
            return "[" + string.Join(',', heard.Select(item => item.GetRawText())) + "]";
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await node.DisposeAsync();
            await Redis.DisposeAsync();
        }
    }
}
