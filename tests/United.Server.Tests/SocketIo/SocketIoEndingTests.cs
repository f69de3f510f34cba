using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

public sealed class SocketIoEndingTests
{
    [Theory, EachDatabase]
    public async Task Logging_out_ends_the_sockets_of_that_session_alone_and_says_why(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var other = await scene.SignInAgain(anna);
        var (first, second) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(other));
        await scene.Core.Identity.Sessions.LogOut(await anna.Caller(scene.Core));
        await first.Ended;
        Assert.Equal("logged_out", first.Pushes[^1]["reason"]);
        Assert.Equal("session:ended", first.Pushes[^1].Name);
        Assert.True(first.Dismissed);
        Assert.True((await second.Ask("status:set", new { status = "online" })).GetProperty("success").GetBoolean());
    }

    // Attack 24: a ban with an open socket and a valid token.
    [Theory, EachDatabase]
    public async Task Suspension_ends_every_socket_and_nothing_is_heard_after_it_was_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var channel = await scene.OpenChannel();
        var banned = await scene.ListenBySocketIo(anna);
        var owner = await scene.Drive(WireKind.SocketIo, scene.Owner);
        await scene.Core.Identity.Members.Suspend(await scene.Owner.Caller(scene.Core), anna.Id);
        (await owner.Post(channel, "now that anna is gone")).Must();
        await banned.Ended;
        Assert.Equal("suspended", banned.Pushes[^1]["reason"]);
        Assert.DoesNotContain(banned.Pushes, push => push.Name == "message:new");
        await using var again = await SocketIoClient.Join(scene.Address, new { token = anna.AccessToken });
        Assert.Equal("unauthorized", again.Refused?.GetProperty("message").GetString());
    }

    [Theory, EachDatabase]
    public async Task A_token_that_runs_out_does_not_cut_the_socket(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time, settings: [("SocketIo:PingSeconds", "300"), ("SocketIo:PingTimeoutSeconds", "300")]);
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(WireKind.SocketIo, scene.Owner);
        for (var minute = 0; minute < 4; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(4));
            (await driver.Post(channel, $"after {minute}")).Must();
        }
        await using var late = await SocketIoClient.Join(scene.Address, new { token = scene.Owner.AccessToken });
        Assert.NotNull(late.Refused);
    }

    [Theory, EachDatabase]
    public async Task A_server_that_stops_lets_its_clients_go_so_that_they_come_back(Engine engine)
    {
        var scene = await WireScene.On(engine);
        var client = await scene.ListenBySocketIo(scene.Owner);
        await scene.Server.DisposeAsync();
        await client.Ended;
        Assert.False(client.Dismissed);
        Assert.DoesNotContain(client.Pushes, push => push.Name == "session:ended");
    }

    [Theory, EachDatabase]
    public async Task Too_many_events_are_refused_and_a_flood_is_ended(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time, settings: [("Limits:FramesPerSecond", "1"), ("Limits:FrameBurst", "3")]);
        var client = await scene.ListenBySocketIo(scene.Owner);
        for (var i = 0; i < 3; i++) await client.Ask("status:set", new { status = "online" });
        var refused = await client.Ask("status:set", new { status = "away" });
        Assert.Equal(("rate_limited", 1), (refused.GetProperty("code").GetString(), refused.GetProperty("retryAfter").GetInt32()));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await client.Ask("status:set", new { status = "online" })).GetProperty("success").GetBoolean());
        for (var i = 0; i < 201; i++) await client.Emit("status:set", new { status = "away" });
        await client.Ended;
        Assert.True(client.Dismissed);
    }
}
