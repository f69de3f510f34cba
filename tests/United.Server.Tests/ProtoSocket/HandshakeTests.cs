using System.Net;
using System.Net.WebSockets;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

public sealed class HandshakeTests
{
    [Fact]
    public async Task A_browser_names_the_protocol_and_its_token_and_gets_the_protocol_back()
    {
        await using var scene = await WireScene.On();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("united.v1");
        socket.Options.AddSubProtocol("bearer." + scene.Owner.AccessToken);
        await socket.ConnectAsync(ProtoClient.AddressOf(scene.Address), CancellationToken.None);
        Assert.Equal("united.v1", socket.SubProtocol);
        var buffer = new byte[4096];
        var first = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.True(Envelope.Parser.ParseFrom(buffer, 0, first.Count).AuthResult.Ok);
    }

    [Fact]
    public async Task Without_a_subprotocol_none_is_echoed_and_others_than_ours_are_refused()
    {
        await using var scene = await WireScene.On();
        await using var none = await RawSocket.Connect(scene.Address);
        Assert.DoesNotContain("Sec-WebSocket-Protocol", await none.Upgrade(scene.Address), StringComparison.OrdinalIgnoreCase);
        await using var other = await RawSocket.Connect(scene.Address);
        Assert.StartsWith("HTTP/1.1 400", await other.Upgrade(scene.Address, "Sec-WebSocket-Protocol: graphql-ws"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_the_key_is_the_one_of_the_specification()
    {
        await using var scene = await WireScene.On();
        await using var socket = await RawSocket.Connect(scene.Address);
        var answer = await socket.Upgrade(scene.Address);
        Assert.StartsWith("HTTP/1.1 101", answer, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Upgrade: websocket")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: too short", "Upgrade: websocket")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Upgrade: h2c")]
    [InlineData("Sec-WebSocket-Version: 13", "X-None: 1", "Upgrade: websocket")]
    public async Task A_handshake_that_is_not_one_is_refused_as_plain_http(string version, string key, string upgrade)
    {
        await using var scene = await WireScene.On();
        await using var socket = await RawSocket.Connect(scene.Address);
        var answer = await socket.Request("GET", "/ws", ["Host: " + scene.Address.Authority, "Connection: Upgrade", version, key, upgrade]);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Version: 13", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_request_is_refused()
    {
        await using var scene = await WireScene.On();
        using var answer = await scene.Server.Client.GetAsync(new Uri("/ws", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    // Attack 39: a page of another site opens a socket from its visitor's browser.
    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://127.0.0.1", false)]
    [InlineData("http://chat.example.org.evil.example", false)]
    [InlineData("http://sub.app.example.org", false)]
    [InlineData("https://app.example.org:444", false)]
    [InlineData("https://app.example.org", true)]
    public async Task A_foreign_origin_is_turned_away_before_the_upgrade(string origin, bool admitted)
    {
        await using var scene = await WireScene.On(settings: ("Cors:Origins", "https://app.example.org"));
        await using var socket = await RawSocket.Connect(scene.Address);
        var answer = await socket.Upgrade(scene.Address, "Origin: " + origin, "Authorization: Bearer " + scene.Owner.AccessToken);
        Assert.StartsWith(admitted ? "HTTP/1.1 101" : "HTTP/1.1 403", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_own_origin_is_admitted_and_two_origins_are_not()
    {
        await using var scene = await WireScene.On();
        var own = "Origin: " + TestUser.OriginOf(scene.Address);
        await using var one = await RawSocket.Connect(scene.Address);
        Assert.StartsWith("HTTP/1.1 101", await one.Upgrade(scene.Address, own), StringComparison.Ordinal);
        await using var two = await RawSocket.Connect(scene.Address);
        Assert.StartsWith("HTTP/1.1 403", await two.Upgrade(scene.Address, own, "Origin: https://evil.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_in_the_address_signs_nobody_in()
    {
        await using var scene = await WireScene.On();
        await using var socket = await RawSocket.Connect(scene.Address);
        var answer = await socket.Request("GET", "/ws?access_token=" + scene.Owner.AccessToken,
            [
                "Host: " + scene.Address.Authority, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ]);
        Assert.StartsWith("HTTP/1.1 101", answer, StringComparison.Ordinal);
        await socket.Send(new Envelope { RequestId = "1", SyncRequest = new SyncRequest() });
        Assert.Equal(401u, (await socket.ReceiveEnvelope(push => push.Error is not null)).Error.Code);
        Assert.Equal(4401, await socket.ReceiveClose());
    }

    [Fact]
    public async Task A_token_that_is_no_good_is_told_so_and_closed()
    {
        await using var scene = await WireScene.On();
        await using var socket = await RawSocket.Open(scene.Address, scene.Owner.AccessToken + "x");
        var result = (await socket.ReceiveEnvelope(push => push.AuthResult is not null)).AuthResult;
        Assert.False(result.Ok);
        Assert.Equal("unauthorized", result.Error);
        Assert.Equal(4401, await socket.ReceiveClose());
    }

    [Fact]
    public async Task An_address_holds_so_many_sockets_and_this_machine_any_number()
    {
        await using var scene = await WireScene.On(settings: [("Limits:SocketsPerAddress", "2"), ("Proxies:Trusted", "127.0.0.1")]);
        var opened = new List<RawSocket>();
        async Task<string> Open(params string[] headers)
        {
            opened.Add(await RawSocket.Connect(scene.Address));
            return (await opened[^1].Upgrade(scene.Address, headers))[..12];
        }

        for (var i = 0; i < 2; i++) Assert.Equal("HTTP/1.1 101", await Open("X-Forwarded-For: 203.0.113.7"));
        Assert.Equal("HTTP/1.1 409", await Open("X-Forwarded-For: 203.0.113.7"));
        Assert.Equal("HTTP/1.1 101", await Open("X-Forwarded-For: 203.0.113.8"));
        for (var i = 0; i < 5; i++) Assert.Equal("HTTP/1.1 101", await Open());
        foreach (var socket in opened) await socket.DisposeAsync();
    }

    [Fact]
    public async Task An_account_holds_so_many_sockets_and_no_more_until_one_of_them_ends()
    {
        await using var scene = await WireScene.On(settings: ("Limits:SocketsPerUser", "2"));
        var first = await scene.Raw(scene.Owner);
        await scene.Raw(scene.Owner);
        await using (var third = await RawSocket.Open(scene.Address, scene.Owner.AccessToken))
        {
            Assert.Equal("too_many", (await third.ReceiveEnvelope(push => push.AuthResult is not null)).AuthResult.Error);
            Assert.Equal(1008, await third.ReceiveClose());
        }
        await first.Send(new ClientFrame(ClientFrame.Close, []));
        Assert.Equal(1000, await first.ReceiveClose());
        while (await first.Receive() is not null)
        {
        }
        await scene.Raw(scene.Owner);
    }
}
