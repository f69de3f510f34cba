using System.Text.RegularExpressions;

namespace United.SocketIo.Tests.SocketIo;

public sealed partial class NamespaceTests
{
    [Fact]
    public async Task Middlewares_are_asked_in_order_and_the_first_refusal_counts()
    {
        await using var host = await SocketIoHost.Start();
        var asked = new List<string>();
        host.Io.Use(async _ =>
        {
            await Task.Yield();
            asked.Add("first");
            return null;
        });
        host.Io.Use(socket =>
        {
            asked.Add("second");
            return ValueTask.FromResult(socket.Handshake.Auth.ToString() == "{}" ? new Refusal("no auth", "data") : null);
        });
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40");
        Assert.Equal("""44{"message":"no auth","data":"data"}""", await socket.ReadText());
        await socket.SendText("""40{"token":1}""");
        Assert.StartsWith("40{", await socket.ReadText());
        Assert.Equal(["first", "second", "first", "second"], asked);
    }

    [Fact]
    public async Task A_middleware_that_throws_refuses_without_saying_why()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.Use(_ => throw new InvalidOperationException("secret detail"));
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40");
        Assert.Equal("""44{"message":"Internal server error"}""", await socket.ReadText());
    }

    [Fact]
    public async Task A_second_connect_while_the_first_is_asked_closes()
    {
        await using var host = await SocketIoHost.Start();
        var slow = new TaskCompletionSource<Refusal?>();
        host.Io.Use(_ => new ValueTask<Refusal?>(slow.Task));
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40");
        await socket.SendText("40");
        Assert.Equal(1005, await socket.ReadClose());
        slow.SetResult(null);
        await Eventually.Holds(() => host.Io.Engine.Count == 0 && host.Io.Of("/").Sockets.Count == 0);
    }

    [Fact]
    public async Task Dynamic_namespaces_come_by_pattern_and_by_predicate_with_their_parents_handlers()
    {
        await using var host = await SocketIoHost.Start();
        var made = new List<string>();
        host.Io.OnNewNamespace(ns => made.Add(ns.Name));
        var parent = host.Io.Of(Room());
        parent.Use(socket => ValueTask.FromResult(socket.Namespace.Name == "/room-13" ? new Refusal("unlucky") : null));
        parent.On("who", e => e.Ack(e.Socket.Namespace.Name));
        host.Io.Of((name, auth) => ValueTask.FromResult(name == "/" + auth?.ToString().Length));
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        Assert.StartsWith("40/room-1,{", await Ask(socket, "40/room-1"));
        Assert.Equal("""43/room-1,5["/room-1"]""", await Ask(socket, """42/room-1,5["who"]"""));
        Assert.Equal("""44/room-13,{"message":"unlucky"}""", await Ask(socket, "40/room-13"));
        Assert.StartsWith("40/7,{", await Ask(socket, """40/7,{"a":1}"""));
        Assert.Equal("""44/8,{"message":"Invalid namespace"}""", await Ask(socket, """40/8,{"a":1}"""));
        parent.Emit("hi");
        Assert.Equal("""42/room-1,["hi"]""", await socket.ReadText());
        Assert.Equal(["/room-1", "/room-13", "/7"], made);
        Assert.Equal(["/room-1", "/room-13"], parent.Children.Select(child => child.Name).Order());
    }

    [Fact]
    public async Task Child_namespaces_are_bounded_and_forgotten_when_empty()
    {
        await using var host = await SocketIoHost.Start(o => (o.MaxChildNamespaces, o.CleanupEmptyChildNamespaces) = (1, true));
        var parent = host.Io.Of(Room());
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        Assert.StartsWith("40/room-1,{", await Ask(socket, "40/room-1"));
        Assert.Equal("""44/room-2,{"message":"Invalid namespace"}""", await Ask(socket, "40/room-2"));
        await socket.SendText("41/room-1");
        Assert.StartsWith("40/room-2,{", await Ask(socket, "40/room-2"));
        Assert.Equal("/room-2", Assert.Single(parent.Children).Name);
    }

    [Fact]
    public async Task Broadcasts_reach_whom_they_are_for_and_each_once()
    {
        await using var host = await SocketIoHost.Start();
        using var a = await RawWebSocket.Join(host);
        using var b = await RawWebSocket.Join(host);
        using var c = await RawWebSocket.Join(host);
        var (x, y, z) = (host.Io.Of("/").Sockets[0], host.Io.Of("/").Sockets[1], host.Io.Of("/").Sockets[2]);
        x.Join("red", "blue");
        y.Join("red");
        host.Io.To("red", "blue").Emit("1");
        host.Io.To("red").Except("blue").Emit("2");
        host.Io.Except(x.Id).Emit("3");
        x.Broadcast.Emit("4");
        x.To("red").Emit("5");
        host.Io.To(z.Id).To("nobody").Emit("6");
        host.Io.In("red").SocketsJoin("green");
        host.Io.In("green").Except("blue").SocketsLeave("green");
        host.Io.To("green").Emit("7");
        y.Join(x.Id);
        host.Io.To(x.Id).Emit("8");
        host.Io.Emit("end");
        Assert.Equal(["1", "7", "8"], await Names(a));
        Assert.Equal(["1", "2", "3", "4", "5", "8"], await Names(b));
        Assert.Equal(["3", "4", "6"], await Names(c));
        Assert.Equal(["blue", "green", "red", x.Id], x.Rooms.Where(room => room != x.Id).Order().Append(x.Id));
        host.Io.In("red").DisconnectSockets();
        Assert.Equal("41", await a.ReadText());
        Assert.Equal("41", await b.ReadText());
        Assert.Equal(z, Assert.Single(host.Io.Of("/").Sockets));
        host.Io.To("red").Emit("nobody is there");
    }

    [Fact]
    public async Task Broadcasts_collect_acknowledgements()
    {
        await using var host = await SocketIoHost.Start();
        using var a = await RawWebSocket.Join(host);
        using var b = await RawWebSocket.Join(host);
        var asked = host.Io.EmitWithAck("question", 1);
        Assert.Equal("""420["question",1]""", await a.ReadText());
        await a.SendText("""430["a","more"]""");
        await b.SendText("""430[{"b":true}]""");
        Assert.Equal(["\"a\"", """{"b":true}"""], (await asked).Select(answer => answer.ToString()).Order());
        Assert.Empty(await host.Io.To("nobody").EmitWithAck("question"));
        var late = await Assert.ThrowsAsync<AckTimeoutException>(() => host.Io.Timeout(TimeSpan.FromMilliseconds(50)).EmitWithAck("question"));
        Assert.Empty(late.Responses);
    }

    [Fact]
    public async Task Sockets_of_this_node_are_fetched_with_what_belongs_to_them()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.OnConnection(socket => socket.Data["n"] = 5);
        using var socket = await RawWebSocket.Join(host, """40{"token":"t"}""");
        var fetched = Assert.Single(await host.Io.FetchSockets());
        Assert.Equal(5, fetched.Data.GetProperty("n").GetInt32());
        Assert.Equal("t", fetched.Handshake.GetProperty("auth").GetProperty("token").GetString());
        Assert.Equal([fetched.Id], fetched.Rooms);
        var asked = fetched.EmitWithAck("question", TimeSpan.FromSeconds(10), 1, 2);
        Assert.Equal("""420["question",1,2]""", await socket.ReadText());
        await socket.SendText("430[3]");
        Assert.Equal("3", (await asked).ToString());
        fetched.Disconnect(close: true);
        Assert.Equal("41", await socket.ReadText());
        Assert.Equal(1005, await socket.ReadClose());
    }

    private static async Task<string> Ask(RawWebSocket socket, string packet)
    {
        await socket.SendText(packet);
        return await socket.ReadText();
    }

    /// <summary>The names of the events before "end".</summary>
    private static async Task<List<string>> Names(RawWebSocket socket)
    {
        var names = new List<string>();
        while (await socket.ReadText() is var text && text != """42["end"]""") names.Add(text["42[\"".Length..^2]);
        return names;
    }

    [GeneratedRegex("^/room-[0-9]+$")]
    private static partial Regex Room();
}
