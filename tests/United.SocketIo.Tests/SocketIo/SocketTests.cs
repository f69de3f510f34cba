using System.Text.Json;

namespace United.SocketIo.Tests.SocketIo;

public sealed class SocketTests
{
    [Fact]
    public async Task A_handler_that_waits_for_an_acknowledgement_of_the_same_client_gets_it()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.On("start", async e => e.Ack((await e.Socket.EmitWithAck("question"))[0]));
        using var socket = await RawWebSocket.Join(host);
        await socket.SendText("""427["start"]""");
        Assert.Equal("""420["question"]""", await socket.ReadText());
        await socket.SendText("""430["answer"]""");
        Assert.Equal("""437["answer"]""", await socket.ReadText());
    }

    [Fact]
    public async Task Acknowledgements_time_out_or_are_lost_with_the_socket_and_late_ones_are_ignored()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxPendingAcks = 1);
        using var socket = await RawWebSocket.Join(host);
        var server = host.Io.Of("/").Sockets.Single();
        await Assert.ThrowsAsync<AckTimeoutException>(() => server.Timeout(TimeSpan.FromMilliseconds(20)).EmitWithAck("never"));
        await socket.SendText("""430["late"]""");
        var lost = server.EmitWithAck("never");
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.EmitWithAck("one too many"));
        server.Disconnect();
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => lost);
        await Assert.ThrowsAsync<SocketDisconnectedException>(() => server.EmitWithAck("gone"));
    }

    [Fact]
    public async Task Only_the_first_acknowledgement_counts_and_none_is_sent_where_none_is_wanted()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.On("twice", e =>
        {
            e.Ack(1);
            e.Ack(2);
        });
        using var socket = await RawWebSocket.Join(host);
        await socket.SendText("""42["twice"]""");
        await socket.SendText("""421["twice"]""");
        await socket.SendText("""422["twice"]""");
        Assert.Equal("431[1]", await socket.ReadText());
        Assert.Equal("432[1]", await socket.ReadText());
    }

    [Fact]
    public async Task What_handlers_throw_concerns_their_socket_only()
    {
        await using var host = await SocketIoHost.Start();
        var errors = new List<string>();
        host.Io.OnConnection(socket => socket.OnError(error =>
        {
            lock (errors) errors.Add(error.Message);
        }));
        host.Io.On("throw", e => throw new InvalidOperationException("at once"));
        host.Io.On("throw later", async e =>
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        });
        host.Io.On<int>("number", (_, _) => { });
        host.Io.On("alive", e => e.Ack());
        using var socket = await RawWebSocket.Join(host);
        foreach (var packet in (string[])["""42["throw"]""", """42["throw later"]""", """42["number","none"]""", """42["number"]"""]) await socket.SendText(packet);
        await socket.SendText("""429["alive"]""");
        Assert.Equal("439[]", await socket.ReadText());
        await Eventually.Holds(() => errors.Count == 4);
        Assert.Contains("at once", errors);
        Assert.Contains("later", errors);
    }

    [Fact]
    public async Task Packet_middlewares_refuse_in_silence()
    {
        await using var host = await SocketIoHost.Start();
        var refused = new TaskCompletionSource<string>();
        host.Io.OnConnection(socket =>
        {
            socket.Use(e => ValueTask.FromResult(e.Name == "forbidden" ? new Refusal("no") : null));
            socket.OnError(error => refused.SetResult(error.Message));
            socket.On("forbidden", e => e.Ack("heard"));
            socket.On("allowed", e => e.Ack("heard"));
        });
        using var socket = await RawWebSocket.Join(host);
        await socket.SendText("""421["forbidden"]""");
        await socket.SendText("""422["allowed"]""");
        Assert.Equal("""432["heard"]""", await socket.ReadText());
        Assert.Equal("no", await refused.Task);
    }

    [Fact]
    public async Task Listeners_hear_once_any_or_no_more()
    {
        await using var host = await SocketIoHost.Start();
        var heard = new List<string>();
        host.Io.OnConnection(socket =>
        {
            socket.On("a", e => heard.Add("a"));
            socket.PrependAny(Adding("any first"));
            socket.OnAny(Adding("any"));
            socket.Once("a", Adding("once"));
            var removed = socket.On("a", e => heard.Add("removed"));
            removed.Dispose();
            socket.On("b", e => heard.Add("b"));
            socket.Off("b");
            socket.OnAnyOutgoing(e => heard.Add("out " + e.Name));
            socket.On("end", e =>
            {
                socket.Emit("bye");
                host.Io.Emit("all");
                e.Ack();
            });
        });
        Func<SocketEvent, Task> Adding(string word) => e =>
        {
            if (e.Name != "end") heard.Add(word);
            return Task.CompletedTask;
        };
        using var socket = await RawWebSocket.Join(host);
        foreach (var packet in (string[])["""42["a"]""", """42["a"]""", """42["b"]""", """421["end"]"""]) await socket.SendText(packet);
        Assert.Equal("""42["bye"]""", await socket.ReadText());
        Assert.Equal("""42["all"]""", await socket.ReadText());
        Assert.Equal("431[]", await socket.ReadText());
        Assert.Equal(["any first", "any", "a", "once", "any first", "any", "a", "any first", "any", "out bye", "out all"], heard);
    }

    [Fact]
    public async Task Rooms_are_there_while_disconnecting_and_gone_when_disconnected()
    {
        await using var host = await SocketIoHost.Start();
        var seen = new List<string>();
        var done = new TaskCompletionSource();
        host.Io.OnConnection(socket =>
        {
            socket.Join("red");
            socket.OnDisconnecting(reason =>
            {
                seen.Add($"{reason}: {socket.Rooms.Count}");
                return Task.CompletedTask;
            });
            socket.OnDisconnect(reason =>
            {
                seen.Add($"{reason}: {socket.Rooms.Count}, {socket.Disconnected.IsCancellationRequested}");
                return Task.CompletedTask;
            });
        });
        host.Io.OnDisconnect((_, reason) =>
        {
            seen.Add(reason);
            done.SetResult();
            return Task.CompletedTask;
        });
        using var socket = await RawWebSocket.Join(host);
        await socket.SendText("41");
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["client namespace disconnect: 2", "client namespace disconnect: 0, True", "client namespace disconnect"], seen);
    }

    [Fact]
    public async Task Volatile_events_are_dropped_where_nobody_polls_and_others_wait()
    {
        await using var host = await SocketIoHost.Start();
        using var client = await PollingClient.Join(host);
        var server = host.Io.Of("/").Sockets.Single();
        server.Volatile.Emit("dropped");
        host.Io.Volatile.Emit("dropped too");
        server.Emit("kept");
        Assert.Equal("""42["kept"]""", (await client.Poll()).Body);
    }

    [Fact]
    public async Task No_more_packets_are_read_while_too_many_handlers_run()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxConcurrentHandlers = 3);
        var gate = new TaskCompletionSource();
        var started = 0;
        host.Io.On("slow", async e =>
        {
            Interlocked.Increment(ref started);
            await gate.Task;
            e.Ack();
        });
        using var socket = await RawWebSocket.Join(host);
        for (var i = 0; i < 10; i++) await socket.SendText($$"""42{{i}}["slow"]""");
        await Eventually.Holds(() => Volatile.Read(ref started) == 3);
        gate.SetResult();
        for (var i = 0; i < 10; i++) Assert.StartsWith("43", await socket.ReadText());
        Assert.Equal(10, started);
    }

    [Fact]
    public async Task More_binary_parts_than_clients_take_and_reserved_names_are_not_sent()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await RawWebSocket.Join(host);
        Assert.Throws<ArgumentException>(() => host.Io.Emit("many", [.. Enumerable.Range(0, 11).Select(_ => (object)new byte[] { 1 })]));
        Assert.Throws<ArgumentException>(() => host.Io.Emit("disconnect"));
        Assert.Throws<ArgumentException>(() => host.Io.On("connect", _ => Task.CompletedTask));
        host.Io.Emit("fine", 1L, 2.5, true, null, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), JsonDocument.Parse("""{"a":[1]}""").RootElement, new[] { "x" });
        Assert.Equal("""42["fine",1,2.5,true,null,"2026-01-02T03:04:05Z",{"a":[1]},["x"]]""", await socket.ReadText());
    }

    [Fact]
    public async Task The_server_closes_and_every_socket_hears_why()
    {
        await using var host = await SocketIoHost.Start();
        var reason = new TaskCompletionSource<string>();
        host.Io.OnDisconnect((_, said) =>
        {
            reason.SetResult(said);
            return Task.CompletedTask;
        });
        using var socket = await RawWebSocket.Join(host);
        await host.Io.Close();
        Assert.Equal("server shutting down", await reason.Task);
        Assert.Equal(1005, await socket.ReadClose());
        using var late = new PollingClient(host, "/socket.io/");
        Assert.Equal(503, (int)(await late.Send(HttpMethod.Get, "?EIO=4&transport=polling")).Status);
    }
}
