using System.Text.Json;

namespace United.SocketIo.Tests.SocketIo;

/// <summary>Applications that let sockets in by themselves, and hand out their events themselves.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task Rooms_and_greeting_are_given_in_one_step_with_the_connection()
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new());
        var main = host.Io.Of("/");
        main.AdmitBy(admission => Entered(admission.Enter(["red"], greeting: main.Prepare("hello", "ann"))));
        using var socket = await RawWebSocket.Join(host);
        Assert.Equal("""42["hello","ann","0"]""", await socket.ReadText());
        Assert.Contains("red", main.Sockets.Single().Rooms);
    }

    [Fact]
    public async Task A_refusal_is_what_the_client_gets()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.Of("/").AdmitBy(_ => ValueTask.FromResult<Refusal?>(new Refusal("full")));
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40");
        Assert.Equal("""44{"message":"full"}""", await socket.ReadText());
        Assert.Empty(host.Io.Of("/").Sockets);
    }

    [Theory]
    [InlineData(true, "red", "kept for red")]
    [InlineData(true, "blue", "kept for blue")]
    [InlineData(false, "red", null)]
    public async Task Who_comes_back_is_told_what_the_application_says_or_begins_anew(bool resume, string room, string? told)
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new());
        var main = host.Io.Of("/");
        main.AdmitBy(admission => Entered(admission.Enter(admission.Seen is null ? ["red"] : [room], resume, main.Prepare("hello"))));
        var (pid, offset) = await Lose(host);
        main.PrepareFor(["red"], "news", "kept for red");
        main.PrepareFor(["blue"], "news", "kept for blue");
        main.Prepare("news", "kept for nobody");
        using var back = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await back.ReadText();
        await back.SendText($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        if (told is not null) Assert.StartsWith($$"""42["news","{{told}}",""", await back.ReadText());
        var connected = JsonDocument.Parse((await back.ReadText())[2..]).RootElement;
        Assert.Equal(resume, connected.GetProperty("pid").GetString() == pid);
        Assert.StartsWith("""42["hello",""", await back.ReadText());
    }

    [Fact]
    public async Task A_client_that_has_seen_all_it_was_sent_comes_back_though_others_were_told_more_than_is_kept()
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new() { MaxPackets = 3 });
        var main = host.Io.Of("/");
        main.AdmitBy(admission => Entered(admission.Enter(["red"], greeting: main.Prepare("hello"))));
        var (pid, offset) = await Lose(host, () =>
        {
            for (var i = 0; i < 10; i++) main.PrepareFor(["blue"], "for others");
        });
        main.PrepareFor(["red"], "missed");
        using var back = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await back.ReadText();
        await back.SendText($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        Assert.StartsWith("""42["missed",""", await back.ReadText());
        Assert.Contains(pid, await back.ReadText());
    }

    [Theory]
    [InlineData(10, 100)] // more packets than are kept
    [InlineData(2, 3000)] // more bytes than may wait
    public async Task A_client_that_cannot_be_told_all_it_missed_begins_anew_at_once(int packets, int size)
    {
        await using var host = await SocketIoHost.Start(o => (o.ConnectionStateRecovery, o.MaxQueuedBytes) = (new() { MaxPackets = 3 }, 4096));
        var main = host.Io.Of("/");
        main.AdmitBy(admission =>
        {
            // What happens between the question whether all is at hand and the answer of the application.
            for (var i = 0; admission.Seen is not null && i < packets; i++) main.PrepareFor(["red"], "missed", new string('x', size));
            return Entered(admission.Enter(["red"], greeting: main.Prepare("hello")));
        });
        var (pid, offset) = await Lose(host);
        using var back = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await back.ReadText();
        await back.SendText($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        var connected = JsonDocument.Parse((await back.ReadText())[2..]).RootElement;
        Assert.NotEqual(pid, connected.GetProperty("pid").GetString());
        Assert.Equal($$"""42["hello","{{main.Offset}}"]""", await back.ReadText());
        var socket = main.Sockets.Single();
        Assert.Equal((connected.GetProperty("sid").GetString(), false), (socket.Id, socket.Recovered));
        Assert.Contains("red", socket.Rooms);
    }

    [Fact]
    public async Task Of_a_room_one_is_told_what_was_kept_since_one_is_in_it()
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new());
        var main = host.Io.Of("/");
        var since = new Dictionary<string, long>();
        main.AdmitBy(admission => Entered(admission.Enter(["red", "blue"], greeting: main.Prepare("hello"), since: since)));
        var (pid, offset) = await Lose(host);
        main.PrepareFor(["red"], "before");
        main.PrepareFor(["blue"], "blue");
        since["red"] = main.Offset;
        main.PrepareFor(["red"], "after");
        using var back = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await back.ReadText();
        await back.SendText($$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""");
        Assert.StartsWith("""42["blue",""", await back.ReadText());
        Assert.StartsWith("""42["after",""", await back.ReadText());
        Assert.Contains(pid, await back.ReadText());
    }

    [Fact]
    public async Task The_last_word_comes_in_place_of_what_still_waits()
    {
        await using var host = await SocketIoHost.Start();
        using var polling = await PollingClient.Join(host);
        var socket = host.Io.Of("/").Sockets.Single();
        socket.Emit("waits");
        socket.End("over", "why");
        Assert.Equal("42[\"over\",\"why\"]\u001e41\u001e1", (await polling.Poll()).Body);
    }

    [Fact]
    public async Task A_place_is_asked_for_each_session_and_given_back_with_it()
    {
        var places = 1;
        await using var host = await SocketIoHost.Start(o => o.EnterSession = _ => Interlocked.Decrement(ref places) < 0 && Back() ? null : new Place(() => Back()));
        using var first = await PollingClient.Open(host, "/socket.io/");
        using var second = new PollingClient(host, "/socket.io/");
        Assert.Equal(503, (int)(await second.Send(HttpMethod.Get, "?EIO=4&transport=polling")).Status);
        await first.Push("1");
        await Eventually.Holds(() => places == 1);

        bool Back()
        {
            Interlocked.Increment(ref places);
            return true;
        }
    }

    [Fact]
    public async Task A_handshake_is_forgotten_where_so_configured()
    {
        await using var host = await SocketIoHost.Start(o => o.ForgetHandshakes = true);
        string? seen = null;
        host.Io.Use(socket =>
        {
            seen = socket.Handshake.Auth.ToString();
            return ValueTask.FromResult<Refusal?>(null);
        });
        using var socket = await RawWebSocket.Join(host, """40{"token":"secret"}""");
        var handshake = host.Io.Of("/").Sockets.Single().Handshake;
        Assert.Equal("""{"token":"secret"}""", seen);
        Assert.Equal(("{}", 0, ""), (handshake.Auth.ToString(), handshake.Engine.Headers.Count, handshake.Engine.Url));
    }

    private static ValueTask<Refusal?> Entered(bool entered)
    {
        Assert.True(entered);
        return ValueTask.FromResult<Refusal?>(null);
    }

    /// <summary>A client that was greeted and then lost its connection.</summary>
    private static async Task<(string PrivateId, string Offset)> Lose(SocketIoHost host, Action? meanwhile = null)
    {
        using var socket = await RawWebSocket.Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText("40");
        var connected = JsonDocument.Parse((await socket.ReadText())[2..]).RootElement;
        var offset = JsonDocument.Parse((await socket.ReadText())[2..]).RootElement[1].GetString()!;
        meanwhile?.Invoke();
        socket.Dispose();
        await Eventually.Holds(() => host.Io.Of("/").Sockets.Count == 0);
        return (connected.GetProperty("pid").GetString()!, offset);
    }

    private sealed class Place(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
