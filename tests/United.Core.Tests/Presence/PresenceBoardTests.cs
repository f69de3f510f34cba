using United.Core.Messages;
using United.Core.Presence;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Presence;

public sealed class PresenceBoardTests
{
    [Theory, EachDatabase]
    public async Task Somebody_who_connects_is_on_line_and_offline_ten_seconds_after_the_last_connection_ended(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Board.Count(ada.UserId, 0);
        var left = scene.Now;
        scene.Time.Advance(PresenceBoard.Grace - TimeSpan.FromMilliseconds(1));
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Offline, scene.Board.StatusOf(ada.UserId));
        Assert.Equal(left, await scene.LastSeen(ada));
        Assert.Equal([PresenceStatus.Online, PresenceStatus.Offline], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task Who_is_here_or_has_just_left_when_the_server_stops_was_last_seen_then(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        foreach (var one in new[] { ada, bob }) scene.Board.Count(one.UserId, 1);
        scene.Board.Accept(new PresenceSignal.Arrived(eve.UserId, Node: 1));
        await scene.Board.Tell();
        scene.Board.Count(bob.UserId, 0);
        var left = scene.Now;
        scene.Time.Advance(TimeSpan.FromSeconds(3));

        await scene.Board.DisposeAsync();

        Assert.Equal((scene.Now, left), (await scene.LastSeen(ada), await scene.LastSeen(bob)));
        Assert.Null(await scene.LastSeen(eve)); // is connected to another node still
    }

    [Theory, EachDatabase]
    public async Task The_ten_seconds_last_no_longer_when_the_clock_is_set_back(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();

        scene.Board.Count(ada.UserId, 0);
        scene.Time.SetBack(TimeSpan.FromHours(1));
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Online, PresenceStatus.Offline], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task A_reload_is_not_news(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();

        scene.Board.Count(ada.UserId, 0);
        await scene.Board.Tell();
        scene.Time.Advance(TimeSpan.FromSeconds(9));
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        scene.Time.Advance(TimeSpan.FromSeconds(60));
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Online], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task A_status_set_by_hand_stays_until_it_is_changed(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        Assert.True((await scene.Board.Set(ada, PresenceStatus.Dnd)).Ok);

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Dnd, scene.Board.StatusOf(ada.UserId));

        scene.Board.Count(ada.UserId, 0);
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Dnd, scene.Board.StatusOf(ada.UserId));

        Assert.True((await scene.Board.Set(ada, PresenceStatus.Online)).Ok);
        await scene.Board.Tell();
        Assert.Equal([PresenceStatus.Dnd, PresenceStatus.Offline, PresenceStatus.Dnd, PresenceStatus.Online], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task Changes_within_a_beat_are_told_as_one(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Set(ada, PresenceStatus.Away);
        await scene.Board.Set(ada, PresenceStatus.Dnd);
        await scene.Board.Set(ada, PresenceStatus.Away);
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Away], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task A_status_set_in_the_middle_of_a_beat_is_told_by_the_next(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        scene.Board.Count(ada.UserId, 1);
        for (var i = 0; i < 200; i++)
        {
            await scene.Board.Set(ada, PresenceStatus.Away);
            var (beat, status) = (scene.Board.Tell(), i % 2 == 0 ? PresenceStatus.Dnd : PresenceStatus.Online);
            await scene.Board.Set(ada, status);
            await beat;
            await scene.Board.Tell();
            Assert.Equal(status, scene.Board.StatusOf(ada.UserId));
        }
    }

    [Theory, EachDatabase]
    public async Task To_set_what_is_set_already_writes_nothing(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        foreach (var status in new[] { PresenceStatus.Dnd, PresenceStatus.Online })
        {
            Assert.True((await scene.Board.Set(ada, status)).Ok);
            var before = await Written();
            Assert.True((await scene.Board.Set(ada, status)).Ok);
            Assert.Equal(before, await Written());
        }

        // Of the row on PostgreSQL, of the writer on SQLite.
        Task<long> Written() => scene.Log.Database.Write(sql => sql.Count(
            sql.IsPostgres ? "select cast(cast(xmin as text) as bigint) from users where id = @id" : "select total_changes() where @id is not null", ("id", ada.UserId)));
    }

    [Theory, EachDatabase]
    public async Task Nobody_sets_themself_offline(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();

        var refusal = (await scene.Board.Set(ada, PresenceStatus.Offline)).Refusal;

        Assert.Equal((Fault.ValidationFailed, "status"), (refusal?.Fault, refusal?.Field));
        Assert.Equal(0, await scene.Log.Count("select count(*) from users where id = @id and presence <> 0", ("id", ada.UserId)));
    }

    [Theory, EachDatabase]
    public async Task On_a_large_server_only_those_who_share_a_conversation_hear_of_a_change(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var (ada, grace, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Log.PrivateChannel(ada, grace);
        await scene.Log.Conversation(ConversationKind.Group, ada, grace);
        await scene.Log.OpenChannel();
        var (near, far) = (await scene.Listen(grace), await scene.Listen(eve));
        await scene.Grow();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Online], await scene.HeardOf(ada, near));
        Assert.Empty(await scene.HeardOf(ada, far));
    }

    [Theory, EachDatabase]
    public async Task On_a_large_server_a_crowd_is_no_reason_to_hear_of_each_other(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var crowd = await scene.Log.People(PresenceBoard.LargestCircle + 1);
        var (ada, grace) = (crowd[0], crowd[1]);
        var group = await scene.Log.Conversation(ConversationKind.Group, crowd);
        var ear = await scene.Listen(grace);
        await scene.Grow();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Empty(await scene.HeardOf(ada, ear));
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId)); // for whoever asks

        await scene.Log.SetState(group, crowd[^1], MemberState.Left);
        await scene.Board.Set(ada, PresenceStatus.Away);
        await scene.Board.Tell();
        Assert.Equal([PresenceStatus.Away], await scene.HeardOf(ada, ear));
    }

    [Theory, EachDatabase]
    public async Task On_a_large_server_nothing_passes_between_two_on_account_of_a_request_that_waits_or_with_a_block(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var asked = await scene.Log.Conversation(ConversationKind.Direct, ada, bob);
        await scene.Log.Conversation(ConversationKind.Direct, bob, eve);
        await scene.Log.Database.Write(async sql =>
        {
            await sql.Execute(
                "insert into message_requests (id, requester_id, recipient_id, conversation_id, created_at) values (@id, @ada, @bob, @id, 0)",
                ("id", asked), ("ada", ada.UserId), ("bob", bob.UserId));
            await sql.Execute("insert into blocks (user_id, blocked_id, created_at) values (@bob, @eve, 0)", ("bob", bob.UserId), ("eve", eve.UserId));
        });
        var ears = new[] { await scene.Listen(ada), await scene.Listen(bob), await scene.Listen(eve) };
        await scene.Grow();
        foreach (var ear in ears) await scene.Heard(ear);

        foreach (var one in new[] { ada, bob, eve }) await scene.Board.Set(one, PresenceStatus.Dnd);
        await scene.Board.Tell();

        foreach (var ear in ears) Assert.Equal([(ear.UserId, PresenceStatus.Dnd)], (await scene.Heard(ear)).Select(told => (told.UserId, told.Status)));
    }

    [Theory, EachDatabase]
    public async Task Whoever_asked_to_write_hears_nothing_and_sees_nobody_until_there_is_a_yes(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        await scene.Log.Conversation(ConversationKind.Group, ada, bob);
        var request = Ids.New(scene.Time);
        await scene.Log.Database.Write(sql => sql.Execute(
            "insert into message_requests (id, requester_id, recipient_id, conversation_id, created_at) values (@id, @ada, @bob, @id, 0)",
            ("id", request), ("ada", ada.UserId), ("bob", bob.UserId)));
        var (requester, recipient) = (await scene.Listen(ada), await scene.Listen(bob));

        await Change(PresenceStatus.Away);
        Assert.Empty(await scene.HeardOf(bob, requester));
        Assert.Equal(PresenceStatus.Away, (await scene.HeardOf(ada, recipient))[^1]);
        Assert.Equal((PresenceStatus.Offline, false), await Seen(by: ada, bob));
        Assert.Equal((PresenceStatus.Away, true), await Seen(by: bob, ada));

        await scene.Grow();
        await Answer(RequestState.Declined);
        await Change(PresenceStatus.Dnd);
        Assert.Empty(await scene.HeardOf(bob, requester));
        Assert.Equal((PresenceStatus.Offline, false), await Seen(by: ada, bob));

        await Answer(RequestState.Accepted);
        await Change(PresenceStatus.Away);
        Assert.Equal([PresenceStatus.Away], await scene.HeardOf(bob, requester));
        Assert.Equal((PresenceStatus.Away, true), await Seen(by: ada, bob));

        async Task Change(PresenceStatus status)
        {
            foreach (var one in new[] { ada, bob }) await scene.Board.Set(one, status);
            await scene.Board.Tell();
        }

        async Task<(PresenceStatus Status, bool InSnapshot)> Seen(Caller by, Caller whom)
        {
            var view = await scene.Board.For(by);
            return (view.StatusOf(whom.UserId), view.Snapshot().Any(one => one.UserId == whom.UserId));
        }

        Task<int> Answer(RequestState state) => scene.Log.Database.Write(sql => sql.Execute(
            "update message_requests set state = @state where id = @id", ("state", (int)state), ("id", request)));
    }

    [Theory, EachDatabase]
    public async Task After_a_yes_the_two_hear_where_the_other_is_or_when_they_were_last_seen_and_nobody_else_hears_it(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var ears = new[] { await scene.Listen(ada), await scene.Listen(bob), await scene.Listen(eve) };
        await scene.Board.Tell();
        foreach (var ear in ears) await scene.Heard(ear);
        await scene.Leave(ears[2]);
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        foreach (var ear in ears) await scene.Heard(ear);

        scene.Board.Hear([.. Yes(ada, bob), .. Yes(ada, eve), .. Yes(bob, await scene.Person())]);
        await scene.Board.Tell();

        Assert.Equal(new HashSet<(Guid, PresenceStatus, long)> { (bob.UserId, PresenceStatus.Online, 0), (eve.UserId, PresenceStatus.Offline, await scene.LastSeen(eve) ?? 0) },
            (await scene.Heard(ears[0])).Select(told => (told.UserId, told.Status, told.Status == PresenceStatus.Offline ? told.At : 0)).ToHashSet());
        Assert.Equal([(ada.UserId, PresenceStatus.Online)], (await scene.Heard(ears[1])).Select(told => (told.UserId, told.Status)));

        await scene.Board.Tell();
        foreach (var ear in ears) Assert.Empty(await scene.Heard(ear));

        IEnumerable<RequestAccepted> Yes(Caller asked, Caller answered)
        {
            var id = Ids.New(scene.Time);
            var direct = new Conversation { Id = id, Kind = ConversationKind.Direct, Name = "", Open = false, CreatorId = asked.UserId, CreatedAt = 0, LastSequence = 1, Revision = 1 };
            var request = new MessageRequest(id, asked.UserId, answered.UserId, id, RequestState.Accepted, 0);
            return [new RequestAccepted(asked.UserId, request, direct), new RequestAccepted(answered.UserId, request, direct)];
        }
    }

    [Theory, EachDatabase]
    public async Task More_changes_than_fit_into_a_beat_wait_for_the_next(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        for (var i = 0; i < 1200; i++) scene.Board.Count(Ids.New(scene.Time), 1);

        await scene.Board.Tell();
        Assert.Equal(1000, scene.Board.Snapshot().Count);
        await scene.Board.Tell();
        Assert.Equal(1201, scene.Board.Snapshot().Count); // and the witness
    }

    [Theory, EachDatabase]
    public async Task Connections_to_two_nodes_are_one_presence(Engine engine)
    {
        await using var scene = await PresenceScene.On(engine);
        var ada = await scene.Person();
        scene.Board.Accept(new PresenceSignal.Arrived(ada.UserId, Node: 0));
        scene.Board.Accept(new PresenceSignal.Arrived(ada.UserId, Node: 1));
        scene.Board.Accept(new PresenceSignal.Left(ada.UserId, Node: 0, scene.Now));

        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Board.Accept(new PresenceSignal.Left(ada.UserId, Node: 1, scene.Now));
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Offline, scene.Board.StatusOf(ada.UserId));
        Assert.Null(await scene.LastSeen(ada)); // the other node writes that
    }
}
