using United.Core.Conversations;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>A client whose connection broke and who is back within two minutes, and what it may still be told.</summary>
public sealed class SocketIoRecoveryTests
{
    [Theory, EachDatabase]
    public async Task What_was_missed_comes_once_in_order_and_the_socket_goes_on(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var client = await scene.ListenBySocketIo(anna);
        (await owner.Post(channel, "1")).Must();
        await client.Pushed("message:new");
        await Break(scene, anna, client);
        var second = (await owner.Post(channel, "2")).Must();
        (await owner.Edit(channel, second.Id, "2, edited")).Must();
        (await owner.Post(channel, "3")).Must();

        await using var back = await Return(scene, anna, client);
        Assert.True(Recovered(client, back));
        (await owner.Post(channel, "4")).Must();
        await back.Pushed(push => push["content"] == "4");
        Assert.Equal(["message:new 2", "message:edited 2, edited", "message:new 3", "hello ", "message:new 4"], Heard(back));
    }

    // message:sent and the acknowledgement are of the moment; the message itself, with its clientId, is what every device of the sender is told late.
    [Theory, EachDatabase]
    public async Task What_one_sent_while_connections_broke_comes_with_its_client_id_to_each_of_ones_devices(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var again = await scene.SignInAgain(anna);
        var (phone, laptop) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(again));
        await Break(scene, anna, laptop);
        var unseen = phone.Offset;
        var sent = await phone.Ask("message:send", new { conversationId = channel, content = "on the way", clientId = "c-1" });
        await Break(scene, anna, phone);

        await using var other = await Return(scene, again, laptop);
        // As if nothing of the answer had come.
        await using var back = await Return(scene, anna, phone, unseen);
        foreach (var (before, after) in ((SocketIoClient, SocketIoClient)[])[(laptop, other), (phone, back)])
        {
            Assert.True(Recovered(before, after));
            Assert.Equal(["message:new on the way", "hello "], Heard(after));
            Assert.Equal("c-1", (await after.Pushed("message:new"))["clientId"]);
        }
        var repeated = await back.Ask("message:send", new { conversationId = channel, content = "on the way", clientId = "c-1" });
        Assert.Equal(sent.GetProperty("messageId").GetString(), repeated.GetProperty("messageId").GetString());
        Assert.Single(back.Pushes, push => push.Name == "message:new");
    }

    [Theory, EachDatabase]
    public async Task A_client_that_has_heard_nothing_but_the_hello_is_recovered_however_much_others_were_told(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var quiet = await scene.ListenBySocketIo(anna);
        await scene.ListenBySocketIo(berta);
        var (closed, group) = (await scene.PrivateChannel(berta), await Group(scene, anna));
        await quiet.Pushed("conversation:new");
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        for (var i = 0; i < 20; i++) (await owner.Post(closed, "not for anna")).Must();
        await Break(scene, anna, quiet);
        (await (await scene.Drive(WireKind.Rest, berta)).Post(closed, "not for anna")).Must();
        (await (await scene.Drive(WireKind.Rest, anna)).Post(group, "for anna")).Must();
        await using var back = await Return(scene, anna, quiet);
        Assert.True(Recovered(quiet, back));
        Assert.Equal(["message:new for anna", "hello "], Heard(back));
    }

    [Theory, EachDatabase]
    public async Task Who_was_removed_meanwhile_begins_anew_and_is_told_nothing_of_the_conversation(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var closed = await scene.PrivateChannel(anna);
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        (await owner.Post(closed, "still for anna")).Must();
        await scene.Remove(closed, anna);
        (await owner.Post(closed, "not for anna")).Must();
        await using var back = await Return(scene, anna, client);
        Assert.False(Recovered(client, back));
        Assert.Equal(["hello "], Heard(back));
        Assert.Equal([closed], (await new SocketIoDriver(back).Sync(new Dictionary<Guid, long> { [closed] = 1 }, partial: true)).Must().Removed);
    }

    [Theory, EachDatabase]
    public async Task A_channel_that_was_closed_meanwhile_is_not_replayed_to_those_who_lost_it(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var channel = await scene.OpenChannel();
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        (await owner.Post(channel, "while it was open")).Must();
        _ = (await scene.Core.Channels.Change(await scene.Owner.Caller(scene.Core), new(channel, Private: true))).Value;
        await using var back = await Return(scene, anna, client);
        Assert.False(Recovered(client, back));
        Assert.DoesNotContain(back.Pushes, push => push.Name == "message:new");
    }

    [Theory, EachDatabase]
    public async Task Who_was_let_in_meanwhile_hears_it(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var closed = await scene.PrivateChannel();
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var client = await scene.ListenBySocketIo(anna);
        var other = await scene.ListenBySocketIo(await scene.SignInAgain(anna));
        await Break(scene, anna, client);
        _ = (await scene.Core.Channels.AddMember(await scene.Owner.Caller(scene.Core), closed, anna.Id)).Value;
        (await owner.Post(closed, "welcome")).Must();
        // The database is asked whether she still is a member before anything is told: what her other device has heard was told by then.
        await other.Pushed("message:new");
        await using var back = await Return(scene, anna, client);
        Assert.True(Recovered(client, back));
        var heard = Heard(back);
        Assert.Equal(["conversation:new ", "member:added "], heard[..2]);
        Assert.Equal(["message:new welcome", "hello "], heard[^2..]);
        (await owner.Post(closed, "and live")).Must();
        await back.Pushed(push => push["content"] == "and live");
    }

    [Theory, EachDatabase]
    public async Task Who_was_let_in_meanwhile_hears_nothing_from_before_even_after_a_second_break(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var closed = await scene.PrivateChannel();
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var (client, other) = (await scene.ListenBySocketIo(anna), await scene.ListenBySocketIo(await scene.SignInAgain(anna)));
        var members = await scene.ListenBySocketIo(scene.Owner);
        await Break(scene, anna, client);
        (await owner.Post(closed, "before her time")).Must();
        await members.Pushed("message:new");
        _ = (await scene.Core.Channels.AddMember(await scene.Owner.Caller(scene.Core), closed, anna.Id)).Value;
        (await owner.Post(closed, "welcome")).Must();
        await other.Pushed("message:new");
        for (var i = 0; i < 2; i++)
        {
            // The second time as if nothing of the first had come.
            var back = await Return(scene, anna, client);
            Assert.True(Recovered(client, back));
            Assert.Equal("conversation:new ", Heard(back)[0]);
            Assert.DoesNotContain("message:new before her time", Heard(back));
            Assert.Contains("message:new welcome", Heard(back));
            await Break(scene, anna, back);
        }
    }

    [Theory, EachDatabase]
    public async Task A_session_that_ended_meanwhile_is_not_let_in(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        await scene.Core.Identity.Sessions.LogOut(await anna.Caller(scene.Core));
        await using var back = await Return(scene, anna, client);
        Assert.Equal("unauthorized", back.Refused?.GetProperty("message").GetString());
        Assert.Empty(back.Pushes);
    }

    [Theory, EachDatabase]
    public async Task Anothers_token_does_not_open_a_session_nor_does_the_same_session_open_twice(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var group = await Group(scene, anna);
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        (await (await scene.Drive(WireKind.Rest, anna)).Post(group, "for anna alone")).Must();
        await using var thief = await Return(scene, berta, client);
        Assert.False(Recovered(client, thief));
        Assert.Equal(["hello "], Heard(thief));
        await using var back = await Return(scene, anna, client);
        Assert.False(Recovered(client, back));
    }

    [Theory, EachDatabase]
    public async Task Who_is_away_counts_as_away_and_who_is_back_as_present(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var counts = new List<int>();
        scene.Core.Hub.SessionsChanged += (userId, sessions) =>
        {
            if (userId == anna.Id) counts.Add(sessions);
        };
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        await using var back = await Return(scene, anna, client);
        Assert.True(Recovered(client, back));
        Assert.Equal([1, 0, 1], counts);
    }

    [Theory, EachDatabase]
    public async Task After_two_minutes_one_begins_anew(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time, settings: [("SocketIo:PingSeconds", "300")]);
        var anna = await scene.Join("anna");
        var client = await scene.ListenBySocketIo(anna);
        await Break(scene, anna, client);
        time.Advance(TimeSpan.FromSeconds(121));
        await using var back = await Return(scene, anna, client);
        Assert.False(Recovered(client, back));
        Assert.Equal(["hello "], Heard(back));
    }

    [Theory, EachDatabase]
    public async Task Of_one_account_as_many_absent_clients_are_kept_as_it_may_have_connections_the_last_ones(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:SocketsPerUser", "2")]);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var other = await scene.ListenBySocketIo(berta);
        await Break(scene, berta, other);
        var clients = new List<SocketIoClient>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await scene.ListenBySocketIo(anna));
            await Break(scene, anna, clients[i]);
        }
        await using var bertas = await Return(scene, berta, other);
        Assert.True(Recovered(other, bertas));
        foreach (var (client, expected) in clients.Zip([false, true, true]).Reverse())
        {
            await using var back = await Return(scene, anna, client);
            Assert.Equal(expected, Recovered(client, back));
            await Break(scene, anna, back);
        }
    }

    [Theory, EachDatabase]
    public async Task Without_recovery_every_connection_begins_anew(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("SocketIo:RecoverySeconds", "0")]);
        var client = await scene.ListenBySocketIo(scene.Owner);
        Assert.Null(client.Offset);
        Assert.False(client.Connected.TryGetProperty("pid", out _));
    }

    private static async Task<Guid> Group(WireScene scene, TestUser user) =>
        (await scene.Core.Conversations.CreateGroup(await user.Caller(scene.Core), new CreateGroup("group", [], null))).Value.View.Conversation.Id;

    // But presence, which is of the moment, and watermarks, which move beside the messages.
    private static string[] Heard(SocketIoClient client) =>
        [.. client.Pushes.Where(push => push.Name is not ("unread" or "message:read") && !push.Name.StartsWith("status:", StringComparison.Ordinal)).Select(push => $"{push.Name} {push["content"] ?? push["newContent"]}")];

    private static bool Recovered(SocketIoClient before, SocketIoClient after) =>
        after.Connected.GetProperty("pid").GetString() == before.Connected.GetProperty("pid").GetString();

    // As when the network is gone; returns when the server has noticed.
    private static async Task Break(WireScene scene, TestUser user, SocketIoClient client)
    {
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Core.Hub.SessionsChanged += Notice;
        client.Break();
        await noticed.Task;
        scene.Core.Hub.SessionsChanged -= Notice;

        void Notice(Guid userId, int sessions)
        {
            if (userId == user.Id) noticed.TrySetResult();
        }
    }

    // What happened meanwhile has been told by then; what is told later comes after the greeting.
    private static async Task<SocketIoClient> Return(WireScene scene, TestUser user, SocketIoClient before, string? offset = null)
    {
        while (!await scene.Core.Hub.IsQuiet()) await Task.Yield();
        var pid = before.Connected.GetProperty("pid").GetString();
        var back = await SocketIoClient.Join(scene.Address, new { token = user.AccessToken, pid, offset = offset ?? before.Offset });
        if (back.Refused is null) await back.Pushed("hello");
        return back;
    }
}
