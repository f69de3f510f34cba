namespace United.SocketIo.Tests.EngineIo;

public sealed class WebSocketTests
{
    private const string Path = "/engine.io/?EIO=4&transport=websocket";

    [Fact]
    public async Task Text_and_binary_come_back_as_they_went()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await Open(host);
        await socket.SendText("4hello");
        Assert.Equal("4hello", await socket.ReadText());
        await socket.SendBinary(1, 2, 3, 4);
        var frame = await socket.ReadFrame();
        Assert.Equal(2, frame!.Value.OpCode);
        Assert.Equal([1, 2, 3, 4], frame.Value.Payload);
        await socket.SendText("bAQID");
        Assert.Equal([1, 2, 3], (await socket.ReadFrame())!.Value.Payload);
    }

    [Fact]
    public async Task A_client_that_cannot_take_binary_gets_base64()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await RawWebSocket.Connect(host, Path + "&b64=1");
        await socket.ReadText();
        await socket.SendBinary(1, 2, 3);
        Assert.Equal("bAQID", await socket.ReadText());
    }

    [Fact]
    public async Task Fragments_are_put_together_and_pings_between_them_are_answered()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await Open(host);
        await socket.Send(RawWebSocket.Frame(0x01, "4he"u8.ToArray()));
        await socket.Send(RawWebSocket.Frame(0x89, [7]));
        await socket.Send(RawWebSocket.Frame(0x80, "llo"u8.ToArray()));
        var pong = await socket.ReadFrame();
        Assert.Equal(10, pong!.Value.OpCode);
        Assert.Equal([7], pong.Value.Payload);
        Assert.Equal("4hello", await socket.ReadText());
    }

    public static TheoryData<string, byte[], int> Endings() => new()
    {
        { "unknown packet", Text("abc"), 1005 },
        { "empty packet", Text(""), 1005 },
        { "ping in the wrong direction", Text("2"), 1005 },
        { "ping with a payload", Text("2probe"), 1005 },
        { "close packet", Text("1"), 1005 },
        { "bad base64", Text("b!"), 1005 },
        { "not UTF-8", RawWebSocket.Frame(0x81, [(byte)'4', 0xC3, 0x28]), 1007 },
        { "too large", RawWebSocket.Frame(0x81, new byte[1_000_001]), 1009 },
        { "a length of exabytes", [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0], 1009 },
        { "fragments that add up to too much", [.. RawWebSocket.Frame(0x02, new byte[600_000]), .. RawWebSocket.Frame(0x80, new byte[600_000])], 1009 },
        { "fragments without end", [.. RawWebSocket.Frame(0x01, "4"u8.ToArray()), .. Enumerable.Repeat(RawWebSocket.Frame(0x00, []), 17_000).SelectMany(frame => frame)], 1008 },
        { "unmasked", [0x81, 1, (byte)'4'], 1002 },
        { "reserved bit", RawWebSocket.Frame(0xC1, "4a"u8.ToArray()), 1002 },
        { "continuation of nothing", RawWebSocket.Frame(0x80, "4a"u8.ToArray()), 1002 },
        { "unknown opcode", RawWebSocket.Frame(0x83, []), 1002 },
        { "fragmented control frame", RawWebSocket.Frame(0x09, []), 1002 },
        { "close", RawWebSocket.Frame(0x88, []), 1005 },
        { "close with a code", RawWebSocket.Frame(0x88, [3, 232]), 1000 },
        { "close with a code that may not travel", RawWebSocket.Frame(0x88, [3, 237]), 1002 },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task What_ends_a_session_ends_it_with_its_code(string what, byte[] bytes, int code)
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await Open(host);
        await socket.Send(bytes);
        Assert.True(code == await socket.ReadClose(), what);
        await Eventually.Holds(() => host.Engine.Count == 0);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    [InlineData("5")]
    [InlineData("6")]
    public async Task Packets_without_meaning_here_are_ignored(string packet)
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await Open(host);
        await socket.SendText(packet);
        await socket.SendText("4still here");
        Assert.Equal("4still here", await socket.ReadText());
    }

    [Fact]
    public async Task Pings_come_and_silence_ends_the_session()
    {
        await using var host = await SocketIoHost.Start(PollingTests.Quick);
        using var socket = await Open(host);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("2", await socket.ReadText());
            await socket.SendText("3");
        }
        Assert.Equal("2", await socket.ReadText());
        Assert.Equal(1005, await socket.ReadClose());
        await Eventually.Holds(() => host.Engine.Count == 0);
    }

    [Fact]
    public async Task A_connection_that_breaks_ends_the_session()
    {
        await using var host = await SocketIoHost.Start();
        var closed = new TaskCompletionSource<string>();
        host.Io.OnConnection(socket => socket.OnDisconnect(reason =>
        {
            closed.SetResult(reason);
            return Task.CompletedTask;
        }));
        using (await RawWebSocket.Join(host))
        {
        }
        Assert.StartsWith("transport ", await closed.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Hundreds_hear_every_broadcast_once_and_in_order()
    {
        await using var host = await SocketIoHost.Start();
        var sockets = new List<RawWebSocket>();
        for (var i = 0; i < 200; i++) sockets.Add(await RawWebSocket.Join(host));

        for (var i = 0; i < 50; i++) host.Io.Emit("news", i);

        foreach (var socket in sockets)
        {
            for (var i = 0; i < 50; i++) Assert.Equal($"42[\"news\",{i}]", await socket.ReadTextButPing());
            socket.Dispose();
        }
    }

    [Fact]
    public async Task Answers_to_what_arrives_together_come_in_order_those_that_take_longer_behind()
    {
        await using var host = await SocketIoHost.Start();
        var finished = new TaskCompletionSource();
        host.Io.On("fast", e => e.Ack(1));
        host.Io.On("slow", async e =>
        {
            await finished.Task;
            e.Ack(2);
        });
        using var socket = await RawWebSocket.Join(host);

        await socket.Send((byte[])[.. RawWebSocket.Frame(0x81, "420[\"fast\"]"u8.ToArray()), .. RawWebSocket.Frame(0x81, "421[\"slow\"]"u8.ToArray()), .. RawWebSocket.Frame(0x81, "422[\"fast\"]"u8.ToArray())]);

        Assert.Equal("430[1]", await socket.ReadText());
        Assert.Equal("432[1]", await socket.ReadText());
        finished.SetResult();
        Assert.Equal("431[2]", await socket.ReadText());
    }

    [Fact]
    public async Task A_client_that_never_reads_is_let_go_and_others_notice_nothing()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxQueuedBytes = 200_000);
        var gone = new TaskCompletionSource<string>();
        host.Io.OnConnection(socket => socket.OnDisconnect(reason =>
        {
            gone.TrySetResult(reason);
            return Task.CompletedTask;
        }));
        using var deaf = await RawWebSocket.Join(host);
        using var other = await RawWebSocket.Join(host);
        var text = new string('x', 10_000);
        var sent = 0;
        while (!gone.Task.IsCompleted)
        {
            host.Io.Emit("flood", text);
            sent++;
            Assert.StartsWith("""42["flood",""", await other.ReadTextButPing());
        }
        Assert.Equal("transport error", await gone.Task);
        Assert.InRange(sent, 20, 100_000);
        Assert.Equal(1, host.Io.Engine.Count);
    }

    [Fact]
    public async Task Behind_a_message_larger_than_may_wait_others_find_room()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxQueuedBytes = 10_000);
        using var socket = await RawWebSocket.Join(host);
        // More than the system takes of it at once: it stays under way until it is read.
        host.Io.Emit("large", new string('x', 16_000_000));
        for (var i = 0; i < 5; i++) host.Io.Emit("small", i);
        Assert.StartsWith("""42["large",""", await socket.ReadText());
        for (var i = 0; i < 5; i++) Assert.Equal($"""42["small",{i}]""", await socket.ReadText());
    }

    [Fact]
    public async Task A_client_that_pings_without_reading_is_let_go()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxQueuedBytes = 50_000);
        using var socket = await Open(host);
        var pings = Enumerable.Repeat(RawWebSocket.Frame(0x89, new byte[125]), 1000).SelectMany(frame => frame).ToArray();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true) await socket.Send(pings);
        });
        await Eventually.Holds(() => host.Engine.Count == 0);
    }

    private static byte[] Text(string packet) => RawWebSocket.Frame(0x81, System.Text.Encoding.UTF8.GetBytes(packet));

    private static async Task<RawWebSocket> Open(SocketIoHost host)
    {
        var socket = await RawWebSocket.Connect(host, Path);
        Assert.StartsWith("0{", await socket.ReadText());
        return socket;
    }
}
