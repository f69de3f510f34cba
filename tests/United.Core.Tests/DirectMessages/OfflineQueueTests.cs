using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

public sealed class OfflineQueueTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Who_was_away_gets_every_message_once_in_order_even_after_a_restart(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var eve = await scene.Person();
        var other = await scene.Open(eve, bob);
        var sent = new Dictionary<Guid, List<Guid>> { [dm] = [], [other] = [] };
        for (var i = 0; i < 600; i++)
        {
            var (sender, place) = i % 3 == 0 ? (eve, other) : (ada, dm);
            sent[place].Add((await scene.Send(sender, place)).Id);
        }

        await using var restarted = scene.Other();
        var got = new List<Message>();
        while ((await restarted.Queue.Waiting(bob, ct: Ct)).Value is { Count: > 0 } page)
        {
            Assert.True(page.Count <= OfflineQueue.MostAtOnce);
            got.AddRange(page);
            Assert.Equal(page.Count, await restarted.Acknowledge(bob, [.. page.Select(message => message.Id)]));
        }

        Assert.Equal(600, got.Count);
        foreach (var (place, ids) in sent) Assert.Equal(ids, got.Where(message => message.ConversationId == place).Select(message => message.Id));
        Assert.All(got, message => Assert.Equal(300, message.Sealed?.Payload.Length));
        Assert.Empty(await scene.Waiting(ada));
    }

    [Theory, EachDatabase]
    public async Task What_is_not_acknowledged_stays_and_what_is_somebody_elses_is_not_ones_to_acknowledge(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var eve = await scene.Person();
        var sent = (await scene.Sent(ada, dm, 3)).Select(message => message.Id).ToArray();
        var before = await scene.Trace();

        Assert.Equal(0, await scene.Acknowledge(eve, sent));
        Assert.Equal(0, await scene.Acknowledge(ada, sent));
        Assert.Equal(0, await scene.Acknowledge(bob, Ids.New(scene.Scene.Time)));
        Assert.Equal(0, await scene.Acknowledge(bob));
        Assert.Equal(Fault.NoIdentityKey, (await scene.Queue.Acknowledge(await scene.Scene.Person(), sent, Ct)).Refusal?.Fault);
        Assert.Equal("message_ids", (await scene.Queue.Acknowledge(bob, new Guid[OfflineQueue.MostAcknowledged + 1], Ct)).Refusal?.Field);
        Assert.Equal(before, await scene.Trace());
        Assert.Equal(sent, await scene.Waiting(bob));

        Assert.Equal(1, await scene.Acknowledge(bob, sent[1], sent[1], Ids.New(scene.Scene.Time)));
        Assert.Equal([sent[0], sent[2]], await scene.Waiting(bob));
    }

    [Theory, EachDatabase]
    public async Task What_a_device_has_marked_as_delivered_or_read_does_not_wait(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = await scene.Sent(ada, dm, 4);

        await scene.Scene.Log.MarkDelivered(bob, new MoveWatermark(dm, 1), Ct);
        Assert.Equal(sent[1..].Select(message => message.Id), await scene.Waiting(bob));
        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, 3), Ct);
        Assert.Equal([sent[3].Id], await scene.Waiting(bob));
        Assert.Equal(1, await scene.Acknowledge(bob, [.. sent.Select(message => message.Id)]));
    }

    [Theory, EachDatabase]
    public async Task Whoever_writes_before_they_fetch_still_gets_what_waits_until_they_have_read_it(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = await scene.Sent(ada, dm, 3);

        await scene.Sent(bob, dm, 2);
        Assert.Equal(sent.Select(message => message.Id), await scene.Waiting(bob));
        Assert.Equal(1, await scene.Acknowledge(bob, sent[1].Id));
        Assert.Equal([sent[0].Id, sent[2].Id], await scene.Waiting(bob));

        var last = (await scene.Sent(ada, dm, 1))[0];
        await scene.Sent(bob, dm, 1);
        Assert.Equal([sent[0].Id, sent[2].Id, last.Id], await scene.Waiting(bob));
        var more = (await scene.Sent(ada, dm, 2))[0];
        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, more.Sequence), Ct);
        Assert.Single(await scene.Waiting(bob));
    }

    [Theory, EachDatabase]
    public async Task What_is_fetched_at_once_is_bounded_in_bytes_but_never_nothing(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = await scene.Sent(ada, dm, 3);

        Assert.Equal([sent[0].Id], (await scene.Queue.Waiting(bob, 1, Ct)).Value.Select(message => message.Id));
        Assert.Equal([sent[0].Id, sent[1].Id], (await scene.Queue.Waiting(bob, 899, Ct)).Value.Select(message => message.Id));
    }

    [Theory, EachDatabase]
    public async Task Full_it_refuses_its_senders_until_something_was_fetched_or_read(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = await scene.Sent(ada, dm, 3);
        await scene.Acknowledge(bob, sent[1].Id);
        var large = OfflineQueue.MostBytes / DmMessages.MostPayload;
        await scene.Scene.Database.Write(sql => Fill(sql, bob.UserId, dm, large, DmMessages.MostPayload));
        await scene.Scene.Database.Write(sql => sql.Execute("update dm_offline_queue set bytes = @bytes where message_id = @id",
            ("bytes", OfflineQueue.MostBytes - (large * DmMessages.MostPayload) - 400), ("id", sent[0].Id)));

        // It is not counted for each.
        var several = await Task.WhenAll(Enumerable.Range(0, 70).Select(_ => scene.Send(ada, DmScene.Sealed(dm))));
        Assert.Equal(OfflineQueue.CountedEach - 1, await scene.Scene.Count("select last_sequence from conversations where id = @dm", ("dm", dm)));
        Assert.All(several[(OfflineQueue.CountedEach - 4)..], result => Assert.Equal(Fault.TooMany, result.Refusal?.Fault));
        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, 1), Ct);
        Assert.True((await scene.Send(ada, DmScene.Sealed(dm))).Ok);
    }

    [Theory, EachDatabase]
    public async Task Full_of_small_ones_it_refuses_as_well(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Sent(ada, dm, OfflineQueue.CountedEach - 1);
        await scene.Scene.Database.Write(sql => Fill(sql, bob.UserId, dm, OfflineQueue.MostEntries - (2 * OfflineQueue.CountedEach) + 1, bytes: 1));

        Assert.True((await scene.Send(ada, DmScene.Sealed(dm))).Ok);
        await scene.Sent(ada, dm, OfflineQueue.CountedEach - 1);
        var before = await scene.Trace();
        Assert.Equal(Fault.TooMany, (await scene.Send(ada, DmScene.Sealed(dm))).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Order_stands_whatever_the_clock_does(Engine engine)
    {
        var time = new JumpingTime();
        await using var scene = await DmScene.On(engine, time);
        var (ada, bob, dm) = await scene.Pair();
        var sent = new List<Guid>();
        foreach (var jump in (int[])[0, 45, -90, 30, -1, 0])
        {
            time.Jump(TimeSpan.FromDays(jump));
            sent.Add((await scene.Send(ada, dm)).Id);
        }

        Assert.Equal(sent, await scene.Waiting(bob));
    }

    [Theory, EachDatabase]
    public async Task After_thirty_days_entries_go_and_are_counted_and_younger_ones_stay(Engine engine)
    {
        var time = new JumpingTime();
        await using var scene = await DmScene.On(engine, time);
        var upkeep = new OfflineUpkeep(scene.Scene.Database, time);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Sent(ada, dm, 3);
        time.Advance(TimeSpan.FromDays(1));
        var younger = await scene.Send(ada, dm);
        time.Advance(TimeSpan.FromDays(29) - TimeSpan.FromHours(2));

        await Hours(upkeep, time, 1);
        Assert.Equal(4, (await scene.Waiting(bob)).Length);
        await Hours(upkeep, time, 2);

        Assert.Equal([younger.Id], await scene.Waiting(bob));
        Assert.Equal(4, (await scene.Messages.Page(bob, new ReadHistory(dm), Ct)).Value.Messages.Count);
        Assert.Equal(3, await Expired(scene, bob));
        Assert.Equal(0, await Expired(scene, ada));
    }

    [Theory, EachDatabase]
    public async Task How_many_expired_is_told_until_they_are_read_and_counted_anew_after(Engine engine)
    {
        var time = new JumpingTime();
        await using var scene = await DmScene.On(engine, time);
        var upkeep = new OfflineUpkeep(scene.Scene.Database, time);
        var (ada, bob, dm) = await scene.Pair();
        foreach (var (count, told) in ((int, long)[])[(2, 2), (1, 3)])
        {
            await scene.Sent(ada, dm, count);
            time.Advance(TimeSpan.FromDays(31));
            await Hours(upkeep, time, 2);
            Assert.Equal(told, await Expired(scene, bob));
        }

        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, 2), Ct);
        Assert.Equal(3, await Expired(scene, bob));
        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, 3), Ct);
        Assert.Equal(0, await Expired(scene, bob));
        await Hours(upkeep, time, 1);
        Assert.Equal(0, await scene.Scene.Count("select count(*) from dm_offline_expired"));

        await scene.Send(ada, dm);
        time.Advance(TimeSpan.FromDays(31));
        await Hours(upkeep, time, 2);
        Assert.Equal(1, await Expired(scene, bob));
    }

    [Theory, EachDatabase]
    public async Task Jumps_of_the_clock_make_nothing_go_early(Engine engine)
    {
        var time = new JumpingTime();
        await using var scene = await DmScene.On(engine, time);
        var upkeep = new OfflineUpkeep(scene.Scene.Database, time);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Send(ada, dm);
        await Hours(upkeep, time, 3);

        foreach (var jump in (int[])[45, -45, 400, -355, 45, -90, 90])
        {
            time.Jump(TimeSpan.FromDays(jump));
            await scene.Send(ada, dm);
            await upkeep.Run(Ct);
            await Hours(upkeep, time, 5);
        }

        Assert.Equal(8, (await scene.Waiting(bob)).Length);
    }

    [Theory, EachDatabase]
    public async Task Two_readings_less_than_an_hour_apart_destroy_nothing(Engine engine)
    {
        var time = new JumpingTime();
        await using var scene = await DmScene.On(engine, time);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Send(ada, dm);
        time.Advance(TimeSpan.FromDays(31));
        var upkeep = new OfflineUpkeep(scene.Scene.Database, time);

        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromMinutes(11));
            await upkeep.Run(Ct);
        }
        Assert.Single(await scene.Waiting(bob));

        time.Advance(TimeSpan.FromMinutes(6));
        await upkeep.Run(Ct);
        Assert.Empty(await scene.Waiting(bob));
    }

    private static async Task<long> Expired(DmScene scene, Caller caller) => (await scene.Conversations.List(caller, Ct)).Value.Single().ExpiredCount;

    private static async Task Fill(Sql sql, Guid recipientId, Guid conversationId, int entries, int bytes)
    {
        var id = sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)";
        await sql.Execute($"""
            with recursive rows (n) as (select 1 union all select n + 1 from rows where n < @entries)
            insert into dm_offline_queue (message_id, recipient_id, conversation_id, bytes, queued_at) select {id}, @recipient, @conversation, @bytes, 0 from rows
            """, ("entries", entries), ("recipient", recipientId), ("conversation", conversationId), ("bytes", bytes));
    }

    private static async Task Hours(OfflineUpkeep upkeep, JumpingTime time, int count)
    {
        for (var i = 0; i < count; i++)
        {
            time.Advance(TimeSpan.FromHours(1));
            await upkeep.Run(Ct);
        }
    }

    /// <summary>A clock that can be set, while the time that passes is counted on.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private readonly ManualTime _passing = new();
        private TimeSpan _set;

        public override long TimestampFrequency => _passing.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _passing.GetUtcNow() + _set;

        public override long GetTimestamp() => _passing.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _passing.CreateTimer(callback, state, dueTime, period);

        public void Advance(TimeSpan by) => _passing.Advance(by);

        public void Jump(TimeSpan by) => _set += by;
    }
}
