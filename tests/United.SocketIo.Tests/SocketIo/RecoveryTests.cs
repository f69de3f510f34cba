using System.Text.Json;

namespace United.SocketIo.Tests.SocketIo;

public sealed class RecoveryTests
{
    [Fact]
    public async Task What_was_missed_comes_before_the_connect_packet_and_the_session_goes_on()
    {
        await using var host = await Start();
        var session = await Lose(host, socket =>
        {
            socket.Join("red");
            socket.Data["name"] = "ann";
        });
        host.Io.To("red").Emit("missed", 1, new byte[] { 7 });
        host.Io.To("blue").Emit("not for us");
        host.Io.Except(session.Id).Emit("not for us");
        host.Io.Volatile.Emit("volatile");
        using var back = await Connect(host, session);
        Assert.Matches("""^451-\["missed",1,\{"_placeholder":true,"num":0\},"\d+"\]$""", await back.ReadText());
        Assert.Equal([7], (await back.ReadFrame())!.Value.Payload);
        Assert.Equal($$"""40{"sid":"{{session.Id}}","pid":"{{session.PrivateId}}"}""", await back.ReadText());
        var socket = host.Io.Of("/").Sockets.Single();
        Assert.True(socket.Recovered);
        Assert.Contains("red", socket.Rooms);
        Assert.Equal("ann", socket.Data["name"]);
    }

    [Fact]
    public async Task A_private_id_opens_a_session_once()
    {
        await using var host = await Start();
        var session = await Lose(host);
        using var first = await Connect(host, session);
        Assert.Contains(session.Id, await first.ReadText());
        using var second = await Connect(host, session);
        Assert.DoesNotContain(session.Id, await second.ReadText());
    }

    [Theory]
    [InlineData("""{"pid":"nobody","offset":"1"}""")]
    [InlineData("""{"pid":1,"offset":"1"}""")]
    [InlineData("""{"offset":"1"}""")]
    [InlineData("""{"pid":"PID"}""")]
    [InlineData("""{"pid":"PID","offset":"x"}""")]
    [InlineData("""{"pid":"PID","offset":"99"}""")]
    [InlineData("""{"pid":"PID","offset":"-1"}""")]
    public async Task Without_the_right_ids_a_new_session_begins(string auth)
    {
        await using var host = await Start();
        var session = await Lose(host);
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40" + auth.Replace("PID", session.PrivateId));
        Assert.DoesNotContain(session.Id, await socket.ReadText());
        Assert.False(host.Io.Of("/").Sockets.Single().Recovered);
    }

    [Fact]
    public async Task Who_left_on_purpose_is_not_remembered()
    {
        await using var host = await Start();
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        var session = await Join(host, socket);
        await socket.SendText("41");
        await Eventually.Holds(() => host.Io.Of("/").Sockets.Count == 0);
        using var back = await Connect(host, session);
        Assert.DoesNotContain(session.Id, await back.ReadText());
    }

    [Fact]
    public async Task Time_and_numbers_bound_what_is_remembered()
    {
        await using var brief = await Start(r => r.MaxDisconnectionDuration = TimeSpan.FromMilliseconds(1));
        var expired = await Lose(brief);
        await Task.Delay(5);
        using var late = await Connect(brief, expired);
        Assert.DoesNotContain(expired.Id, await late.ReadText());

        await using var small = await Start(r => (r.MaxPackets, r.MaxSessions) = (2, 1));
        var forgotten = await Lose(small);
        var overrun = await Lose(small);
        for (var i = 0; i < 5; i++) small.Io.Emit("x");
        using var first = await Connect(small, forgotten);
        Assert.DoesNotContain(forgotten.Id, await first.ReadText());
        using var second = await Connect(small, overrun);
        Assert.DoesNotContain(overrun.Id, await second.ReadText());
    }

    [Fact]
    public async Task A_client_that_comes_and_goes_takes_nobody_elses_place()
    {
        await using var host = await Start(r => r.MaxSessions = 2);
        var (other, restless) = (await Lose(host), await Lose(host));
        for (var i = 0; i < 3; i++)
        {
            using var socket = await Connect(host, restless);
            Assert.Contains(restless.Id, await socket.ReadText());
            socket.Dispose();
            await Eventually.Holds(() => host.Io.Of("/").Sockets.Count == 0);
        }
        using var back = await Connect(host, other);
        Assert.Contains(other.Id, await back.ReadText());
    }

    [Fact]
    public async Task An_application_may_forget_a_client_that_has_gone()
    {
        await using var host = await Start();
        var forgotten = new TaskCompletionSource();
        host.Io.Of("/").OnDisconnect((socket, _) =>
        {
            socket.Forget();
            forgotten.SetResult();
            return Task.CompletedTask;
        });
        var session = await Lose(host);
        await forgotten.Task;
        using var back = await Connect(host, session);
        Assert.DoesNotContain(session.Id, await back.ReadText());
    }

    [Fact]
    public async Task Who_missed_more_than_may_wait_for_a_client_is_closed_and_begins_anew()
    {
        await using var host = await SocketIoHost.Start(o => (o.ConnectionStateRecovery, o.MaxQueuedBytes) = (new(), 4096));
        var session = await Lose(host);
        for (var i = 0; i < 10; i++) host.Io.Emit("missed", new string('x', 1000));
        using var back = await Connect(host, session);
        Assert.Equal(1005, await back.ReadClose());
        Assert.Empty(host.Io.Of("/").Sockets);
        using var again = await Connect(host, session);
        Assert.DoesNotContain(session.Id, await again.ReadText());
        Assert.False(host.Io.Of("/").Sockets.Single().Recovered);
    }

    [Fact]
    public async Task What_goes_while_middlewares_decide_is_not_passed_over_in_silence()
    {
        await using var host = await Start(r => (r.SkipMiddlewares, r.MaxPackets) = (false, 2));
        host.Io.Use(socket =>
        {
            for (var i = 0; socket.Recovered && i < 5; i++) host.Io.Emit("missed", i);
            return ValueTask.FromResult<Refusal?>(null);
        });
        var session = await Lose(host);
        using var back = await Connect(host, session);
        Assert.Equal<byte?>(8, (await back.ReadFrame())?.OpCode);
        using var again = await Connect(host, session);
        Assert.DoesNotContain(session.Id, await again.ReadText());
        Assert.False(host.Io.Of("/").Sockets.Single().Recovered);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Middlewares_are_passed_by_where_so_configured(bool skip, int times)
    {
        await using var host = await Start(r => r.SkipMiddlewares = skip);
        var asked = 0;
        host.Io.Use(_ =>
        {
            asked++;
            return ValueTask.FromResult<Refusal?>(null);
        });
        var session = await Lose(host);
        using var back = await Connect(host, session);
        Assert.Contains(session.Id, await back.ReadText());
        Assert.Equal(times, asked);
    }

    private static Task<SocketIoHost> Start(Action<ConnectionStateRecovery>? configure = null) => SocketIoHost.Start(o =>
    {
        o.ConnectionStateRecovery = new();
        configure?.Invoke(o.ConnectionStateRecovery);
    });

    /// <summary>A client that has heard one event and then lost its connection.</summary>
    private static async Task<(string Id, string PrivateId, string Offset)> Lose(SocketIoHost host, Action<Socket>? prepare = null)
    {
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        var session = await Join(host, socket);
        prepare?.Invoke(host.Io.Of("/").Sockets.Single());
        socket.Dispose();
        await Eventually.Holds(() => host.Io.Of("/").Sockets.Count == 0);
        return session;
    }

    private static async Task<(string Id, string PrivateId, string Offset)> Join(SocketIoHost host, RawWebSocket socket)
    {
        await socket.ReadText();
        await socket.SendText("40");
        var connected = JsonDocument.Parse((await socket.ReadText())[2..]).RootElement;
        await Eventually.Holds(() => host.Io.Of("/").Sockets.Count == 1);
        host.Io.Of("/").Sockets.Single().Emit("first");
        var offset = JsonDocument.Parse((await socket.ReadText())[2..]).RootElement[1].GetString()!;
        return (connected.GetProperty("sid").GetString()!, connected.GetProperty("pid").GetString()!, offset);
    }

    private static async Task<RawWebSocket> Connect(SocketIoHost host, (string Id, string PrivateId, string Offset) session)
    {
        var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText($$"""40{"pid":"{{session.PrivateId}}","offset":"{{session.Offset}}"}""");
        return socket;
    }
}
