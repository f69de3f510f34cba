using System.Net.WebSockets;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

public sealed class SocketIoSignInTests
{
    [Theory, EachDatabase]
    public async Task A_token_in_the_payload_or_in_the_header_lets_one_in_and_hello_is_the_first_event(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        await using var first = await SocketIoClient.Join(scene.Address, new { token = scene.Owner.AccessToken });
        await using var second = await SocketIoClient.Join(scene.Address, null, options => options.SetRequestHeader("Authorization", "Bearer " + scene.Owner.AccessToken));
        foreach (var client in (SocketIoClient[])[first, second])
        {
            var hello = await client.Pushed("hello");
            Assert.Equal("hello", client.Pushes[0].Name);
            Assert.Equal(scene.Owner.Id.ToString(), hello["userId"]);
            Assert.Equal(scene.Core.Identity.Server.LogEpoch, hello["logEpoch"]);
            Assert.True(hello.Number("serverTime") > 0);
        }
    }

    public static TheoryData<string, string> Refused() => new()
    {
        { "", "unauthorized" },
        { """{}""", "unauthorized" },
        { """{"token":""}""", "unauthorized" },
        { """{"token":"nonsense"}""", "unauthorized" },
        { """{"token":7}""", "unauthorized" },
        { """{"token":null}""", "unauthorized" },
        { """{"token":["TOKEN"]}""", "unauthorized" },
        { """{"token":"TOKEN","token":"TOKEN"}""", "unauthorized" },
        { """{"accessToken":"TOKEN"}""", "unauthorized" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Without_a_valid_token_one_is_refused(string auth, string code)
    {
        await using var scene = await WireScene.On();
        using var socket = await Open(scene);
        await socket.Send("40" + auth.Replace("TOKEN", scene.Owner.AccessToken, StringComparison.Ordinal));
        Assert.Equal($$$"""44{"message":"unauthorized","data":{"code":"{{{code}}}"}}""", await socket.Receive());
    }

    [Fact]
    public async Task A_token_in_the_address_signs_nobody_in()
    {
        await using var scene = await WireScene.On();
        using var socket = await Open(scene, "&token=" + scene.Owner.AccessToken);
        await socket.Send("40");
        Assert.StartsWith("44", await socket.Receive(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task The_token_of_a_session_that_has_ended_is_refused(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        await scene.Core.Identity.Sessions.LogOut(await anna.Caller(scene.Core));
        await using var client = await SocketIoClient.Join(scene.Address, new { token = anna.AccessToken });
        Assert.Equal(("unauthorized", "session_ended"), (Message(client), Code(client)));
    }

    [Fact]
    public async Task An_account_holds_so_many_sockets_of_both_wires_and_no_more()
    {
        await using var scene = await WireScene.On(settings: [("Limits:SocketsPerUser", "2")]);
        await using var proto = await ProtoClient.SignIn(scene.Address, scene.Owner.AccessToken);
        var second = await SocketIoClient.SignIn(scene.Address, scene.Owner.AccessToken);
        await using (var third = await SocketIoClient.Join(scene.Address, new { token = scene.Owner.AccessToken }))
            Assert.Equal(("too_many", "too_many"), (Message(third), Code(third)));
        await second.DisposeAsync();
        await Eventually(async () =>
        {
            await using var again = await SocketIoClient.Join(scene.Address, new { token = scene.Owner.AccessToken });
            return again.Refused is null;
        });
    }

    [Fact]
    public async Task An_address_holds_so_many_connections_and_no_more()
    {
        await using var scene = await WireScene.On(settings: [("Limits:SocketsPerAddress", "2"), ("Proxies:Trusted", "127.0.0.1")]);
        using var first = await Open(scene, from: "203.0.113.7");
        var second = await Open(scene, from: "203.0.113.7");
        await Assert.ThrowsAsync<WebSocketException>(() => Open(scene, from: "203.0.113.7"));
        using var elsewhere = await Open(scene, from: "203.0.113.8");
        second.Dispose();
        await Eventually(async () =>
        {
            try
            {
                using var again = await Open(scene, from: "203.0.113.7");
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
    }

    // Attack 39: a page of another site opens a socket from its visitor's browser.
    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("https://app.example.org.evil.example", false)]
    [InlineData("https://app.example.org", true)]
    public async Task A_foreign_origin_is_turned_away_on_both_transports(string origin, bool admitted)
    {
        await using var scene = await WireScene.On(settings: [("Cors:Origins", "https://app.example.org")]);
        var opening = Open(scene, origin: origin);
        if (admitted) (await opening).Dispose();
        else await Assert.ThrowsAsync<WebSocketException>(() => opening);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/?EIO=4&transport=polling");
        request.Headers.Add("Origin", origin);
        using var answer = await scene.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(admitted ? 200 : 403, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Who_does_not_sign_in_within_ten_seconds_is_closed()
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(time: time, settings: ("SocketIo:PingSeconds", "300"));
        time.Advance(TimeSpan.FromSeconds(1)); // so that nothing else comes ten seconds after the opening
        using var idle = await Open(scene);
        await time.Awaited(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await idle.Receive());
    }

    [Fact]
    public async Task Events_before_the_sign_in_close_the_connection()
    {
        await using var scene = await WireScene.On();
        using var socket = await Open(scene);
        await socket.Send($$"""420["message:send",{"conversationId":"{{Guid.NewGuid()}}","content":"hello"}]""");
        Assert.Null(await socket.Receive());
    }

    [Theory]
    [InlineData("websocket", "polling")]
    [InlineData("polling", "websocket")]
    public async Task A_transport_that_is_switched_off_is_refused(string allowed, string refused)
    {
        await using var scene = await WireScene.On(settings: [("SocketIo:Transports", allowed)]);
        using var answer = await scene.Server.Client.GetAsync(new Uri($"/socket.io/?EIO=4&transport={refused}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("""{"code":0,"message":"Transport unknown"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string? Message(SocketIoClient client) => client.Refused?.GetProperty("message").GetString();

    private static string? Code(SocketIoClient client) => client.Refused?.GetProperty("data").GetProperty("code").GetString();

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        while (!await holds()) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    private static Task<PlainSocket> Open(WireScene scene, string query = "", string? origin = null, string? from = null) => PlainSocket.Open(scene.Address, query, options =>
    {
        if (origin is not null) options.SetRequestHeader("Origin", origin);
        if (from is not null) options.SetRequestHeader("X-Forwarded-For", from);
    });

    /// <summary>A connection that has opened and said nothing yet.</summary>
    private sealed class PlainSocket : IDisposable
    {
        private readonly ClientWebSocket _socket = new();

        public static async Task<PlainSocket> Open(Uri server, string query, Action<ClientWebSocketOptions> options)
        {
            var plain = new PlainSocket();
            options(plain._socket.Options);
            await plain._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" + query }.Uri, CancellationToken.None);
            Assert.StartsWith("0{", await plain.Receive(), StringComparison.Ordinal);
            return plain;
        }

        public Task Send(string packet) =>
            _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        /// <returns>Null: closed.</returns>
        public async Task<string?> Receive()
        {
            var buffer = new byte[4096];
            var message = await _socket.ReceiveAsync(buffer, CancellationToken.None);
            return message.MessageType == WebSocketMessageType.Close ? null : System.Text.Encoding.UTF8.GetString(buffer, 0, message.Count);
        }

        public void Dispose() => _socket.Dispose();
    }
}
