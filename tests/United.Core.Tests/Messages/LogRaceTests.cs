using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Many at once, on one node and on two.</summary>
public sealed class LogRaceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Sixty_four_writers_get_one_to_n_without_gap_each_in_its_own_order(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (people, channel) = (await scene.People(64), await scene.OpenChannel());

        var numbers = await Task.WhenAll(people.Select(person => Task.Run(async () =>
        {
            var mine = new List<long>();
            for (var i = 0; i < 25; i++) mine.Add((await scene.Post(person, channel, $"{i}")).Sequence);
            return mine;
        })));

        Assert.All(numbers, mine => Assert.Equal(mine.Order(), mine));
        var all = Enumerable.Range(1, 64 * 25).Select(n => (long)n).ToArray();
        Assert.Equal(all, numbers.SelectMany(mine => mine).Order());
        Assert.Equal(all, scene.Bus.Of(channel).Select(told => told.Revision));
        Assert.Equal(all, scene.Bus.Of(channel).Select(told => ((MessagePosted)told).Message.Sequence));
        await AssertStoredAsTold(scene, channel);
    }

    // The races of a retried client_id: its copies come by two doors at once, some behind the first in the same batch, some behind
    // the lock that the first one's node holds.
    [Theory, EachDatabase]
    public async Task Thousand_messages_sent_three_times_each_by_two_doors_are_stored_once(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (people, channel) = (await scene.People(8), await scene.OpenChannel());

        var results = await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => Task.Run(async () =>
        {
            var post = new PostMessage(channel, $"{i}", ClientId: $"key {i / 3}");
            return (Key: i / 3, (await (i % 2 == 0 ? scene : second).Log.Post(people[i / 3 % 8], post, Ct)).Value);
        })));

        var byKey = results.GroupBy(result => result.Key, result => result.Value).ToList();
        Assert.All(byKey, copies => Assert.Single(copies.Select(copy => (copy.MessageId, copy.Sequence, copy.Timestamp)).Distinct()));
        Assert.All(byKey, copies => Assert.Single(copies, copy => !copy.Duplicate));
        Assert.Equal(Enumerable.Range(1, 1000).Select(n => (long)n), byKey.Select(copies => copies.First().Sequence).Order());
        Assert.Equal(1000, await scene.Count("select count(*) from messages"));
        Assert.Equal(1000, scene.Bus.Published.Count + second.Bus.Published.Count);
    }

    [Fact]
    public async Task Retried_client_id_that_waits_for_the_lock_behind_its_first_copy_is_answered_with_the_first_result()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        await using var second = scene.SecondNode();
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await using var blocker = await RowLock.Take(scene.Test.Connection, channel);

        var first = scene.Log.Post(ada, new PostMessage(channel, "first", ClientId: "id"), Ct);
        await blocker.HeldUp(1);
        var retry = second.Log.Post(ada, new PostMessage(channel, "retry", ClientId: "id"), Ct);
        await blocker.HeldUp(2);
        await blocker.Release();

        Assert.Equal((1L, (await first).Value.MessageId), ((await retry).Value.Sequence, (await retry).Value.MessageId));
        Assert.Equal(2, (await scene.Post(ada, channel, "next")).Sequence);
        Assert.Equal(2, scene.Bus.Published.Count);
        Assert.Empty(second.Bus.Published);
    }

    [Theory, EachDatabase]
    public async Task Nothing_of_a_removed_member_is_stored_after_a_removal_that_was_acknowledged(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (ada, channel) = (await scene.Person(), await scene.PrivateChannel());
        var (removals, stop) = (new List<(long Removed, long Added)>(), false);
        var posters = Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            var log = (i == 0 ? scene : second).Log;
            while (!Volatile.Read(ref stop)) await log.Post(ada, new PostMessage(channel, "still here"), Ct);
        })).ToArray();

        for (var i = 0; i < 1000; i++)
        {
            var added = (await second.Log.Append(new SetMember(channel, ada, MemberState.Member), Ct)).Value;
            if (removals.Count > 0) removals[^1] = removals[^1] with { Added = added };
            var waiting = scene.Log.Post(ada, new PostMessage(channel, "in the queue"), Ct);
            removals.Add(((await scene.Log.Append(new SetMember(channel, ada, MemberState.Removed), Ct)).Value, long.MaxValue));
            await waiting;
        }
        Volatile.Write(ref stop, true);
        await Task.WhenAll(posters);

        var posted = await scene.Database.Read(sql => sql.All("select revision from messages", row => row.Int64(0)));
        Assert.True(posted.Count >= 1000);
        Assert.All(removals, removal => Assert.DoesNotContain(posted, revision => revision > removal.Removed && revision < removal.Added));
        Assert.Equal(posted.Count, await scene.Count("select last_sequence from conversations"));
    }

    [Fact]
    public async Task Two_nodes_that_write_everywhere_at_once_never_deadlock()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        await using var second = scene.SecondNode();
        var people = await scene.People(20);
        var channels = new List<Guid>();
        for (var i = 0; i < 20; i++) channels.Add(i % 2 == 0 ? await scene.OpenChannel() : await scene.PrivateChannel(people));

        await Task.WhenAll(Enumerable.Range(0, 32).Select(worker => Task.Run(async () =>
        {
            var (random, log) = (new Random(worker), (worker % 2 == 0 ? scene : second).Log);
            for (var i = 0; i < 60; i++) await Anything(log, random, people, channels);
        })));

        Assert.Equal(0, await scene.Count("select deadlocks from pg_stat_database where datname = current_database()"));
        foreach (var channel in channels)
        {
            var told = scene.Bus.Of(channel).Concat(second.Bus.Of(channel)).Select(told => told.Revision).Order();
            Assert.Equal(Enumerable.Range(1, (int)await scene.Count("select revision from conversations where id = @id", ("id", channel))).Select(n => (long)n), told);
        }
    }

    private static async Task Anything(MessageLog log, Random random, Caller[] people, List<Guid> channels)
    {
        var (person, channel) = (people[random.Next(people.Length)], channels[random.Next(channels.Count)]);
        switch (random.Next(6))
        {
            case 0:
                Assert.True((await log.MarkRead(person, new MoveWatermark(channel, random.Next(100)), Ct)).Ok);
                break;
            case 1:
                Assert.True((await log.Append(new SetMember(channel, person, MemberState.Member), Ct)).Ok);
                break;
            case 2:
                var posted = (await log.Post(person, new PostMessage(channel, "x"), Ct)).Value;
                Assert.True((await log.React(person, new AddReaction(posted.MessageId, "x"), Ct)).Ok);
                break;
            default:
                Assert.True((await log.Post(person, new PostMessage(channel, $"@user:{person.UserId}"), Ct)).Ok);
                break;
        }
    }

    private static async Task AssertStoredAsTold(LogScene scene, Guid channel)
    {
        var told = scene.Bus.Of(channel).OfType<MessagePosted>().Select(posted => posted.Message).ToDictionary(message => message.Id);
        foreach (var stored in await scene.Database.Read(sql => MessageRows.ByIds(sql, [.. told.Keys])))
            Assert.Equal((stored.Sequence, stored.Revision, stored.SenderId, stored.Content), (told[stored.Id].Sequence, told[stored.Id].Revision, told[stored.Id].SenderId, told[stored.Id].Content));
    }
}
