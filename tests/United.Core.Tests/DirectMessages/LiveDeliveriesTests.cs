using Microsoft.Extensions.Logging.Abstractions;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>What connections took leaves the offline queue; what they may not have taken shows there.</summary>
public sealed class LiveDeliveriesTests
{
    private static readonly TimeSpan LongAgo = DmScene.Sure + TimeSpan.FromSeconds(1);

    [Theory, EachDatabase]
    public async Task What_a_connection_took_that_lives_on_never_shows(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        var sent = await node.Send();

        await node.Pass(DmScene.Sure - TimeSpan.FromSeconds(1));
        Assert.Empty(await node.Waiting());
        Assert.Equal([sent], await node.WaitingElsewhere());
        await node.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(await node.WaitingElsewhere());

        node.Disconnect();
        Assert.Empty(await node.Waiting());
        Assert.Equal(0, await node.Entries());
    }

    [Theory, EachDatabase]
    public async Task Where_dead_connections_are_found_later_it_is_longer_until_something_counts_as_taken(Engine engine)
    {
        await using var node = await DmNode.On(engine, deadFoundWithin: TimeSpan.FromSeconds(600));
        await node.Connect();
        var sent = await node.Send();

        await node.Pass(TimeSpan.FromSeconds(1199));
        Assert.Equal([sent], await node.WaitingElsewhere());
        await node.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(await node.WaitingElsewhere());
    }

    [Theory, EachDatabase]
    public async Task What_a_connection_had_that_ended_shows_at_once(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        var sent = await node.Send();
        Assert.Empty(await node.Waiting());

        node.Disconnect();
        Assert.Equal([sent], await node.Waiting());

        // Who comes back does not vouch for the connection before.
        await node.Connect();
        await node.Pass(LongAgo);
        Assert.Equal([sent], await node.Waiting());
    }

    [Theory, EachDatabase]
    public async Task What_was_on_its_way_when_the_server_crashed_shows(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        Guid[] sent = [await node.Send(), await node.Send()];
        await node.Pass(LongAgo / 2);
        var later = await node.Send();

        Assert.Equal((Guid[])[.. sent, later], await node.WaitingElsewhere());
        await node.Pass(LongAgo / 2);
        Assert.Equal([later], await node.WaitingElsewhere());
    }

    [Theory, EachDatabase]
    public async Task Who_has_just_come_or_is_not_here_took_nothing(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        var before = await node.Send();
        node.Dm.Live.Count(node.Bob.UserId, 1);
        var just = await node.Send();

        Assert.Equal([before], await node.Waiting());
        await node.Pass(LongAgo);
        Assert.Equal([before, just], await node.Waiting());
    }

    [Theory, EachDatabase]
    public async Task While_one_of_several_devices_is_there_nothing_shows(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        await node.Connect(devices: 2);
        var sent = await node.Send();

        node.Dm.Live.Count(node.Bob.UserId, 1);
        Assert.Empty(await node.Waiting());
        node.Disconnect();
        Assert.Equal([sent], await node.Waiting());
    }

    [Theory, EachDatabase]
    public async Task A_device_that_came_later_does_not_vouch_for_one_that_turns_out_to_be_dead(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        var before = await node.Send();
        await node.Connect(devices: 2);
        var after = await node.Send();
        Assert.Empty(await node.Waiting());

        node.Dm.Live.Count(node.Bob.UserId, 1);
        Assert.Equal([before], await node.Waiting());
        await node.Pass(LongAgo);
        Assert.Equal([before], await node.WaitingElsewhere());
        Assert.DoesNotContain(after, await node.Waiting());
    }

    [Theory, EachDatabase]
    public async Task Who_never_acknowledges_costs_one_entry_for_each_message_that_came_meanwhile_and_none_for_later_ones(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        Guid[] missed = [await node.Send(), await node.Send(), await node.Send()];

        for (var visit = 0; visit < 3; visit++)
        {
            await node.Connect();
            for (var i = 0; i < 5; i++)
            {
                await node.Send();
                await node.Pass(LongAgo);
            }
            Assert.Equal(3, await node.Entries());
            Assert.Equal(missed, await node.Waiting());
            node.Disconnect();
        }
    }

    [Theory, EachDatabase]
    public async Task What_is_acknowledged_while_it_is_on_its_way_stays_taken_and_what_it_passes_over_stays_on_its_way(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        Guid[] sent = [await node.Send(), await node.Send(), await node.Send()];

        Assert.Equal(1, await node.Dm.Acknowledge(node.Bob, sent[1]));
        Assert.Empty(await node.Waiting());
        Assert.Equal([sent[0], sent[2]], await node.WaitingElsewhere());
        await node.Pass(LongAgo);
        node.Disconnect();
        Assert.Empty(await node.Waiting());
        Assert.Equal(0, await node.Entries());
    }

    [Theory, EachDatabase]
    public async Task What_could_not_be_written_stays_on_its_way_until_it_can(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        await node.Send();
        var live = node.Dm.Live;
        await node.PassUnseen(LongAgo);

        var away = node.Dm.Scene.Test.OpenAgain();
        await away.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => new OfflineQueue(away, live).TakeOutlived());
        Assert.Empty(await node.Waiting());
        Assert.Single(await node.WaitingElsewhere());
        await node.Dm.Queue.TakeOutlived();
        Assert.Empty(await node.WaitingElsewhere());
    }

    [Theory, EachDatabase]
    public async Task They_are_taken_by_rounds(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await using var rounds = new TakenRounds(node.Dm.Queue, node.Time, NullLogger<TakenRounds>.Instance);
        await node.Connect();
        await node.Send();

        await node.PassUnseen(LongAgo);
        while ((await node.WaitingElsewhere()).Length > 0) await node.PassUnseen(TimeSpan.FromSeconds(10));
    }
}
