namespace United.SocketIo.Tests.SocketIo;

/// <summary>The bytes of protocol 5, and what each answer to wrong ones is; the matrix was taken from the original.</summary>
public sealed class ProtocolTests
{
    private static async Task<SocketIoHost> Start(Action<SocketIoOptions>? configure = null)
    {
        var host = await SocketIoHost.Start(configure);
        host.Io.OnConnection(socket =>
        {
            socket.Emit("auth", socket.Handshake.Auth);
            socket.On("message", e => socket.Emit("message-back", [.. e.Args.Cast<object?>()]));
            socket.On("message-with-ack", e => e.Ack([.. e.Args.Cast<object?>()]));
        });
        host.Io.Of("/custom").OnConnection(socket => socket.Emit("auth", socket.Handshake.Auth));
        return host;
    }

    [Theory]
    [InlineData("40", "^40\\{\"sid\":\"[\\w-]{20}\"\\}$", """42["auth",{}]""")]
    [InlineData("""40{"token":"123"}""", "^40\\{\"sid\":\"[\\w-]{20}\"\\}$", """42["auth",{"token":"123"}]""")]
    [InlineData("40/custom,", "^40/custom,\\{\"sid\":\"[\\w-]{20}\"\\}$", """42/custom,["auth",{}]""")]
    [InlineData("40/custom", "^40/custom,\\{\"sid\":\"[\\w-]{20}\"\\}$", """42/custom,["auth",{}]""")]
    [InlineData("""40/custom,{"token":"abc"}""", "^40/custom,\\{\"sid\":\"[\\w-]{20}\"\\}$", """42/custom,["auth",{"token":"abc"}]""")]
    public async Task A_client_joins_a_namespace_and_hears_so_before_anything_else(string connect, string connected, string auth)
    {
        await using var host = await Start();
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText(connect);
        Assert.Matches(connected, await socket.ReadText());
        Assert.Equal(auth, await socket.ReadText());
    }

    [Theory]
    [InlineData("40/random", """44/random,{"message":"Invalid namespace"}""")]
    [InlineData("40/?a=b", """44/?a=b,{"message":"Invalid namespace"}""")]
    [InlineData("""40/foo{"a":1}""", """44/foo{"a":1},{"message":"Invalid namespace"}""")]
    public async Task An_unknown_namespace_is_refused_and_the_connection_lives(string connect, string error)
    {
        await using var host = await Start();
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText(connect);
        Assert.Equal(error, await socket.ReadText());
        await socket.SendText("40");
        Assert.StartsWith("40{", await socket.ReadText());
    }

    [Theory]
    [InlineData("""42["message",1,"2",{"3":[true]}]""", """42["message-back",1,"2",{"3":[true]}]""")]
    [InlineData("""42["message",1.0,12345678901234567890,1e400,"\ud83d\ude00<é>"]""", """42["message-back",1.0,12345678901234567890,1e400,"\ud83d\ude00<é>"]""")]
    [InlineData("""42["message"]""", """42["message-back"]""")]
    [InlineData("""42456["message-with-ack",1,"2",{"3":[false]}]""", """43456[1,"2",{"3":[false]}]""")]
    [InlineData("""429007199254740993["message-with-ack"]""", """439007199254740993[]""")]
    public async Task Events_and_acknowledgements_carry_any_json_as_it_came(string sent, string received)
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText(sent);
        Assert.Equal(received, await socket.ReadText());
    }

    [Theory]
    [InlineData("""452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""", """452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""")]
    [InlineData("""452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""", """462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""")]
    [InlineData("""452-["message",{"a":[{"num":1,"_placeholder":true}],"b":{"_placeholder":true,"num":0}}]""", """452-["message-back",{"a":[{"_placeholder":true,"num":0}],"b":{"_placeholder":true,"num":1}}]""")]
    public async Task Attachments_go_both_ways(string sent, string received)
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText(sent);
        await socket.SendBinary(1, 2, 3);
        await socket.SendBinary(4, 5, 6);
        Assert.Equal(received, await socket.ReadText());
        var first = (await socket.ReadFrame())!.Value.Payload;
        var second = (await socket.ReadFrame())!.Value.Payload;
        var swapped = sent.Contains("\"a\"");
        Assert.Equal(swapped ? [4, 5, 6] : [1, 2, 3], first);
        Assert.Equal(swapped ? [1, 2, 3] : [4, 5, 6], second);
    }

    [Fact]
    public async Task Attachments_go_both_ways_by_polling_too()
    {
        await using var host = await Start();
        using var client = await PollingClient.Open(host, "/socket.io/");
        await client.Push("40");
        var seen = "";
        await client.Push("""451-["message",{"_placeholder":true,"num":0}]""" + "\x1e" + "bAQID");
        while (!seen.Contains("bAQID")) seen += (await client.Poll()).Body + "\x1e";
        Assert.Contains("""451-["message-back",{"_placeholder":true,"num":0}]""" + "\x1e" + "bAQID", seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4")]
    [InlineData("47")]
    [InlineData("4abc")]
    [InlineData("2")]
    [InlineData("2probe")]
    [InlineData("40")]
    [InlineData("44{}")]
    [InlineData("42[]")]
    [InlineData("""42["disconnect"]""")]
    [InlineData("""42["connect"]""")]
    [InlineData("42[{}]")]
    [InlineData("42[null]")]
    [InlineData("42[true]")]
    [InlineData("42{}")]
    [InlineData("""42["a" """)]
    [InlineData("""42["a"]x""")]
    [InlineData("""42["a",]""")]
    [InlineData("""42["\ud800"]""")]
    [InlineData("""42abc["m"]""")]
    [InlineData("""4299999999999999999999["m"]""")]
    [InlineData("430{}")]
    [InlineData("""41{"a":1}""")]
    [InlineData("40[1]")]
    [InlineData("40\"a\"")]
    [InlineData("40null")]
    [InlineData("40/other,[1]")]
    [InlineData("""45["m"]""")]
    [InlineData("""450-["m"]""")]
    [InlineData("""45-["m"]""")]
    [InlineData("""45+1-["m"]""")]
    [InlineData("""451.5-["m"]""")]
    [InlineData("""4511-["m"]""")]
    [InlineData("""455999999999-["m"]""")]
    [InlineData("451-")]
    [InlineData("""461-["m"]x""", true)]
    [InlineData("""451-["m",{"_placeholder":true,"num":3}]""", true)]
    [InlineData("""451-["m",{"_placeholder":true,"num":-1}]""", true)]
    [InlineData("""451-["m",{"_placeholder":true,"num":"0"}]""", true)]
    [InlineData("""451-["m",{"_placeholder":true}]""", true)]
    [InlineData("42/nobody,[\"m\"]")]
    [InlineData("41/nobody")]
    [InlineData("43/nobody,1[]")]
    public async Task A_packet_that_is_none_closes_the_whole_connection(string packet, bool withBinary = false)
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText(packet);
        if (withBinary) await socket.SendBinary(1);
        Assert.Equal(1005, await socket.ReadClose());
        await Eventually.Holds(() => host.Io.Engine.Count == 0 && host.Io.Of("/").Sockets.Count == 0);
    }

    [Theory]
    [InlineData("42")]
    [InlineData("42[1,2]")]
    [InlineData("4399[]")]
    [InlineData("4399")]
    [InlineData("43[]")]
    [InlineData("""42["nobody listens"]""")]
    [InlineData("41", "40")]
    public async Task What_the_original_tolerates_is_tolerated(string packet, string? afterwards = null)
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText(packet);
        if (afterwards is not null) await socket.SendText(afterwards);
        if (afterwards is not null) Assert.StartsWith("40{", await socket.ReadText());
        if (afterwards is not null) await socket.ReadText();
        await socket.SendText("""42["message",1]""");
        Assert.Equal("""42["message-back",1]""", await socket.ReadText());
    }

    [Theory]
    [InlineData("""42["m"]""")]
    [InlineData("41")]
    [InlineData("431[]")]
    public async Task Nothing_may_be_said_before_a_namespace_is_joined(string packet)
    {
        await using var host = await Start();
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText(packet);
        Assert.Equal(1005, await socket.ReadClose());
    }

    [Theory]
    [InlineData("""451-["m",{"_placeholder":true,"num":0}]""")]
    [InlineData("""451-/nobody,["m",{"_placeholder":true,"num":0}]""")]
    [InlineData("461-1[]")]
    public async Task Nothing_is_kept_of_a_packet_for_a_namespace_that_is_not_joined(string packet)
    {
        await using var host = await Start();
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText(packet);
        Assert.Equal<byte?>(8, (await socket.ReadFrame())?.OpCode);
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(500, false)]
    public async Task A_packet_and_its_attachments_are_together_no_larger_than_one_message_may_be(int size, bool isTaken)
    {
        await using var host = await Start(o => o.MaxHttpBufferSize = 1000);
        using var socket = await Join(host);
        await socket.SendText("""452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""");
        await socket.SendBinary(new byte[size]);
        await socket.SendBinary(new byte[size]);
        Assert.Equal<byte?>((byte)(isTaken ? 1 : 8), (await socket.ReadFrame())?.OpCode);
    }

    [Fact]
    public async Task Text_while_attachments_are_awaited_closes()
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText("""451-["message",{"_placeholder":true,"num":0}]""");
        await socket.SendText("""42["message",1]""");
        Assert.Equal(1005, await socket.ReadClose());
    }

    [Fact]
    public async Task Binary_that_nobody_awaits_closes()
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendBinary(1);
        Assert.Equal(1005, await socket.ReadClose());
    }

    [Fact]
    public async Task Who_leaves_one_namespace_stays_in_the_other()
    {
        await using var host = await Start();
        using var socket = await Join(host);
        await socket.SendText("40/custom");
        Assert.StartsWith("40/custom,{", await socket.ReadText());
        await socket.ReadText();
        await socket.SendText("41/custom");
        await socket.SendText("""42["message","to main"]""");
        Assert.Equal("""42["message-back","to main"]""", await socket.ReadText());
        Assert.Empty(host.Io.Of("/custom").Sockets);
    }

    [Fact]
    public async Task Who_joins_nothing_is_closed_after_the_connect_timeout()
    {
        await using var host = await Start(o => o.ConnectTimeout = TimeSpan.FromMilliseconds(100));
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        Assert.Equal(1005, await socket.ReadClose());
    }

    [Fact]
    public async Task Namespaces_of_one_connection_are_bounded()
    {
        await using var host = await Start(o => o.MaxNamespacesPerConnection = 1);
        using var socket = await Join(host);
        await socket.SendText("40/custom");
        Assert.Equal("""44/custom,{"message":"Too many namespaces"}""", await socket.ReadText());
    }

    private static async Task<RawWebSocket> Join(SocketIoHost host)
    {
        var socket = await RawWebSocket.Join(host);
        Assert.Equal("""42["auth",{}]""", await socket.ReadText());
        return socket;
    }
}
