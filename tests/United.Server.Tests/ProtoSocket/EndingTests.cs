using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

public sealed class EndingTests
{
    private static readonly Envelope Ping = new() { Ping = new Ping() };

    [Fact]
    public async Task The_clients_close_is_answered_with_its_own_code()
    {
        await using var scene = await WireScene.On();
        var socket = await scene.Raw(scene.Owner);
        await socket.Send(new ClientFrame(ClientFrame.Close, [0x0F, 0xA1]));
        Assert.Equal(4001, await socket.ReceiveClose());
        Assert.Null(await socket.Receive());
    }

    [Fact]
    public async Task A_client_that_closes_with_the_servers_code_for_an_ended_session_is_not_told_that_its_session_ended()
    {
        await using var scene = await WireScene.On();
        await using var socket = await RawSocket.Open(scene.Address, scene.Owner.AccessToken);
        await socket.ReceiveEnvelope(push => push.Hello is not null);
        await socket.Send(new ClientFrame(ClientFrame.Close, [0x11, 0x31]));
        Assert.Equal(4401, Assert.IsType<ServerFrame>(await socket.Receive()).Code);
    }

    [Theory, EachDatabase]
    public async Task Logging_out_closes_the_connections_of_that_session_alone_before_it_is_answered(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var user = await scene.Join("anna");
        var other = await scene.SignInAgain(user);
        var first = await scene.Listen(user);
        var second = await scene.Listen(other);
        await scene.Core.Identity.Sessions.LogOut(await user.Caller(scene.Core));
        await first.Ended;
        Assert.Equal(4401, first.CloseCode);
        Assert.Equal("logged_out", Assert.Single(first.Pushes, push => push.SessionEnded is not null).SessionEnded.Reason);
        Assert.NotNull((await second.Ask(Ping)).Pong);
        await using var again = await RawSocket.Open(scene.Address, user.AccessToken);
        Assert.Equal("session_ended", (await again.ReceiveEnvelope(push => push.AuthResult is not null)).AuthResult.Error);
    }

    [Theory, EachDatabase]
    public async Task A_session_that_time_has_ended_loses_its_sockets_and_another_of_the_same_account_does_not(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var other = await scene.SignInAgain(anna);
        var (first, second, third) = (await scene.Listen(anna), await scene.ListenBySocketIo(anna), await scene.Listen(other));
        var session = (await anna.Caller(scene.Core)).SessionId;
        await scene.Core.Database.Write(sql => sql.Execute("update sessions set expires_at = 1 where id = @id", ("id", session)));
        await scene.Core.Tidy(TestContext.Current.CancellationToken);
        await first.Ended;
        await second.Ended;
        Assert.Equal(4401, first.CloseCode);
        Assert.Equal("session_ended", Assert.Single(first.Pushes, push => push.SessionEnded is not null).SessionEnded.Reason);
        Assert.Equal(("session:ended", "session_ended"), (second.Pushes[^1].Name, second.Pushes[^1]["reason"]));
        Assert.NotNull((await third.Ask(Ping)).Pong);
    }

    // Attack 24: a ban with an open socket and a valid token.
    [Theory, EachDatabase]
    public async Task Suspension_closes_every_connection_and_nothing_is_heard_after_it_was_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var user = await scene.Join("anna");
        var channel = await scene.OpenChannel();
        var banned = await scene.Listen(user);
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        await scene.Core.Identity.Members.Suspend(await scene.Owner.Caller(scene.Core), user.Id);
        (await owner.Post(channel, "now that anna is gone")).Must();
        await banned.Ended;
        Assert.Equal(4401, banned.CloseCode);
        Assert.DoesNotContain(banned.Pushes, push => push.NewMessageEvent is not null);
        await using var again = await RawSocket.Open(scene.Address, user.AccessToken);
        Assert.False((await again.ReceiveEnvelope(push => push.AuthResult is not null)).AuthResult.Ok);
    }

    [Theory, EachDatabase]
    public async Task A_reader_that_does_not_keep_up_is_closed_and_resumes_by_sync_while_the_others_hear_everything(Engine engine)
    {
        const int Messages = 6_000;
        // The clock stands: the good-bye waits for the slow reader however long the others take here.
        await using var scene = await WireScene.On(engine, new ManualTime());
        var channel = await scene.OpenChannel();
        var slow = await scene.Raw(scene.Owner);
        var quick = await scene.Listen(await scene.Join("quick"));
        var writer = await scene.Drive(WireKind.Proto, await scene.Join("writer"));
        for (var i = 0; i < Messages; i += 100)
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => writer.Post(channel, $"{n} {new string('x', 1_000)}")));
        await quick.Pushed(push => push.NewMessageEvent?.Message.ServerSequence == Messages);
        Assert.Equal(Messages, quick.Pushes.Count(push => push.NewMessageEvent is not null));

        Assert.Equal(4408, await slow.ReceiveClose());
        var back = await scene.Drive(WireKind.Proto, scene.Owner);
        Assert.Contains(channel, (await back.Sync(new Dictionary<Guid, long>())).Must().Added);
        Assert.Equal(Messages, (await back.History(channel)).Must().Messages[0].Sequence);
    }

    [Fact]
    public async Task A_client_that_gives_no_sign_of_life_is_closed_within_45_seconds_and_one_that_does_is_not()
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(time: time);
        var dead = await scene.Raw(scene.Owner);
        var alive = await scene.Listen(await scene.Join("alive"));
        for (var second = 0; second < 45; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await alive.Ask(Ping);
        }
        Assert.Equal(4408, await dead.ReceiveClose());
        Assert.NotNull((await alive.Ask(Ping)).Pong);
    }

    [Fact]
    public async Task The_server_pings_every_30_seconds()
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(time: time);
        var socket = await scene.Raw(scene.Owner);
        var pings = 0;
        for (var second = 1; second <= 120; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (second % 10 != 0) continue;
            await socket.Send(new Envelope { RequestId = "alive", Ping = new Ping() });
            pings += await PingsBefore(socket, "alive");
        }
        Assert.Equal(4, pings);
    }

    // Presence is told meanwhile, too: only the answer says that the server has heard what it answers.
    private static async Task<int> PingsBefore(RawSocket socket, string answer)
    {
        for (var pings = 0; await socket.Receive() is { } frame;)
        {
            if (frame.OpCode == ClientFrame.Ping) pings++;
            if (frame.OpCode == ClientFrame.Binary && frame.Envelope.RequestId == answer) return pings;
            if (frame.OpCode == ClientFrame.Close) break;
        }
        throw new InvalidOperationException("The connection was closed.");
    }

    [Fact]
    public async Task A_good_bye_that_is_not_answered_ends_after_five_seconds()
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(time: time);
        var user = await scene.Join("anna");
        var socket = await scene.Raw(user);
        await scene.Core.Identity.Sessions.LogOut(await user.Caller(scene.Core));
        Assert.Equal(4401, await socket.ReceiveClose());
        // Its time begins when the close has left: that may be after it was read here.
        var ended = socket.Receive();
        for (; !ended.IsCompleted; await Task.Yield()) time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await ended);
    }

    [Fact]
    public async Task A_server_that_stops_tells_its_clients_to_come_back()
    {
        var scene = await WireScene.On();
        var signedIn = await scene.Listen(scene.Owner);
        var stranger = await ProtoClient.Open(scene.Address);
        await stranger.Ask(Ping);
        await scene.Server.DisposeAsync();
        await signedIn.Ended;
        await stranger.Ended;
        Assert.Equal(1001, signedIn.CloseCode);
        Assert.Equal(1001, stranger.CloseCode);
    }

    [Fact]
    public async Task A_slow_request_holds_back_no_ping_and_what_may_wait_behind_it_is_bounded()
    {
        await using var scene = await WireScene.On();
        var channel = await scene.OpenChannel();
        var client = await scene.Raw(scene.Owner);
        // The one writer of SQLite is busy: whatever writes has to wait.
        using var goOn = new ManualResetEventSlim();
        var held = new TaskCompletionSource();
        var writer = scene.Core.Database.Write(_ =>
        {
            held.SetResult();
            goOn.Wait();
            return Task.FromResult(true);
        });
        await held.Task;
        for (var i = 0; i < 300; i++)
            await client.Send(new Envelope { RequestId = $"{i}", SendMessage = new SendMessage { ChannelId = channel.ToString(), Content = "waits" } });
        await client.Send(new ClientFrame(ClientFrame.Ping, [7]));
        var refused = 0;
        ServerFrame frame;
        while ((frame = (await client.Receive())!).OpCode != ClientFrame.Pong) refused += frame.Envelope.Error is { Code: 429 } ? 1 : 0;
        Assert.InRange(refused, 300 - 256 - 1, 300 - 256);

        goOn.Set();
        await writer;
        for (var i = 0; i < 300 - refused; i++)
        {
            var answer = await client.ReceiveEnvelope(answer => answer.SendMessageResult is not null);
            Assert.Equal($"{i}", answer.RequestId);
            Assert.Equal((ulong)i + 1, answer.SendMessageResult.ServerSequence);
        }
    }

    [Theory, EachDatabase]
    public async Task The_answers_of_one_user_never_reach_another(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var users = new List<(string Name, ProtoClient Client)>();
        for (var i = 0; i < 8; i++) users.Add(($"user{i}", await scene.Listen(await scene.Join($"user{i}"))));
        await Task.WhenAll(users.Select(async user =>
        {
            for (ulong version = 1; version <= 25; version++)
            {
                var blob = Google.Protobuf.ByteString.CopyFromUtf8(string.Concat(Enumerable.Repeat($"{user.Name} {version};", 10 + ((int)version * 150))));
                await user.Client.Ask(new Envelope { BlobStoreRequest = new BlobStoreRequest { Version = version, Blob = blob } });
                Assert.Equal(blob, (await user.Client.Ask(new Envelope { BlobStoreRequest = new BlobStoreRequest() })).BlobStoreResponse.Blob);
            }
        }));
        Assert.All(users, user => Assert.DoesNotContain(user.Client.Pushes, push => push.BlobStoreResponse is not null));
    }
}
