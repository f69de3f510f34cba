using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

public sealed class FeedTests : IAsyncLifetime
{
    private static readonly Guid Channel = Ids.New(TimeProvider.System);
    private static readonly Guid Ada = Ids.New(TimeProvider.System);

    private readonly ManualTime _time = new();
    private readonly FakeLog _log = new() { MostRows = 300 };
    private RealtimeNode _node = null!;
    private Ear _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _log.Found(Channel, open: true);
        _node = RealtimeNode.Start(_log, _time);
        _ada = await _node.Listen(Ada);
    }

    public ValueTask DisposeAsync()
    {
        _node.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Events_that_arrive_in_any_order_are_heard_in_the_order_of_their_revisions()
    {
        var (a, b, c) = (_log.Post(Channel), _log.Post(Channel), _log.Post(Channel));
        _node.Publish(c);
        _node.Publish(b);
        _node.Publish(a);
        await _node.Settle();
        Assert.Equal([2, 3, 4], _ada.HeardRevisions());
        Assert.Equal(0, _log.Repairs);
    }

    [Fact]
    public async Task An_event_that_arrives_twice_is_heard_once()
    {
        var (a, b) = (_log.Post(Channel), _log.Post(Channel));
        _node.Publish(b, b);
        _node.Publish(a, b, a);
        await _node.Settle();
        Assert.Equal([2, 3], _ada.HeardRevisions());
    }

    [Fact]
    public async Task What_is_missing_for_50_ms_is_read_from_the_database()
    {
        _log.Post(Channel);
        _node.Publish(_log.Post(Channel));
        await _node.Settle();
        _time.Advance(TimeSpan.FromMilliseconds(49));
        await _node.Settle();
        Assert.Empty(_ada.Heard());

        _time.Advance(TimeSpan.FromMilliseconds(2));
        await _node.Settle();
        Assert.Equal([2, 3], _ada.HeardRevisions());
    }

    [Fact]
    public async Task All_gaps_of_a_moment_are_one_question()
    {
        Guid[] channels = [.. Enumerable.Range(0, 20).Select(_ => Ids.New(TimeProvider.System))];
        foreach (var channel in channels) _node.Publish(_log.Found(channel, open: true));
        foreach (var channel in channels) _log.Post(channel);
        foreach (var channel in channels) _node.Publish(_log.Post(channel));
        await _node.Repair();
        Assert.Equal(1, _log.Repairs);
        Assert.Equal(60, _ada.Heard().Count);
    }

    [Fact]
    public async Task An_event_that_comes_while_a_gap_is_being_read_waits_for_the_answer()
    {
        var answer = new TaskCompletionSource();
        _log.Post(Channel);
        _node.Publish(_log.Post(Channel));
        _log.BeforeAnswer = () => answer.Task;
        await _node.Settle();
        _time.Advance(TimeSpan.FromMilliseconds(51));
        while (_log.Repairs == 0) await Task.Yield();
        _node.Publish(_log.Post(Channel));
        answer.SetResult();
        await _node.Settle();
        Assert.Equal([2, 3, 4], _ada.HeardRevisions());
    }

    [Fact]
    public async Task More_than_256_held_events_are_dropped_and_read_at_once()
    {
        _log.Post(Channel);
        for (var i = 0; i < 257; i++) _node.Publish(_log.Post(Channel));
        await _node.Settle();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _node.Settle();
        Assert.Equal(Enumerable.Range(2, 258).Select(revision => (long)revision), _ada.HeardRevisions());
        Assert.Equal(1, _log.Repairs);
    }

    [Fact]
    public async Task Held_events_of_the_node_are_bounded_in_bytes()
    {
        using var small = RealtimeNode.Start(_log, _time, options: new RealtimeOptions { MostHeldBytes = 4096 });
        var ear = await small.Listen(Ada);
        _log.Post(Channel);
        for (var i = 0; i < 5; i++) small.Publish(_log.Post(Channel));
        await small.Settle();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await small.Settle();
        Assert.Equal([2, 3, 4, 5, 6, 7], ear.HeardRevisions());
    }

    [Fact]
    public async Task Events_beyond_what_may_wait_are_read_from_the_database()
    {
        using var small = RealtimeNode.Start(_log, _time, options: new RealtimeOptions { MostArriving = 2 });
        var ear = await small.Listen(Ada);
        small.Publish(_log.Post(Channel), _log.Post(Channel), _log.Post(Channel));
        await small.Repair();
        Assert.Equal([2, 3, 4], ear.HeardRevisions());
    }

    [Fact]
    public async Task A_repair_is_tried_again_until_the_database_is_back()
    {
        _log.Post(Channel);
        _node.Publish(_log.Post(Channel));
        _log.Away = true;
        await _node.Repair();
        Assert.Empty(_ada.Heard());

        _log.Away = false;
        await _node.Settle();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _node.Settle();
        Assert.Equal([2, 3], _ada.HeardRevisions());
    }

    [Fact]
    public async Task More_than_a_repair_tells_is_told_by_one_event_of_the_newest_revision()
    {
        for (var i = 0; i < 301; i++) _log.Post(Channel);
        _node.Publish(_log.Post(Channel));
        await _node.Repair();
        var told = Assert.IsType<ConversationUpdated>(Assert.Single(_ada.Heard()));
        Assert.Equal(_log.Revision(Channel), told.Revision);

        _node.Publish(_log.Post(Channel));
        await _node.Settle();
        Assert.Equal([told.Revision + 1], _ada.HeardRevisions());
    }

    [Fact]
    public async Task A_lost_last_event_is_found_by_a_doubt()
    {
        _log.Post(Channel);
        await _node.Settle();
        _node.Hub.Doubt();
        await _node.Repair();
        Assert.Equal([2], _ada.HeardRevisions());
    }

    [Fact]
    public async Task A_lost_last_event_is_found_by_the_periodic_sweep_of_a_cluster()
    {
        using var node = RealtimeNode.Start(_log, _time, options: new RealtimeOptions { SweepEvery = TimeSpan.FromSeconds(5) });
        var ear = await node.Listen(Ada);
        _log.Post(Channel);
        _time.Advance(TimeSpan.FromSeconds(5));
        await node.Repair();
        Assert.Equal([2], ear.HeardRevisions());
    }

    [Fact]
    public async Task A_lost_joining_is_found_by_the_periodic_sweep_without_asking_for_everybodys_memberships()
    {
        using var node = RealtimeNode.Start(_log, _time, options: new RealtimeOptions { SweepEvery = TimeSpan.FromSeconds(5) });
        var ear = await node.Listen(Ada);
        var group = Ids.New(TimeProvider.System);
        _log.Found(group, open: false);
        _log.Join(group, Ada);
        _log.Post(group);
        _log.Asked.Clear();
        _time.Advance(TimeSpan.FromSeconds(5));
        await node.Repair();
        Assert.Equal([2, 3], ear.HeardRevisions());
        Assert.Empty(_log.Asked);
    }

    [Fact]
    public async Task A_doubt_that_the_database_did_not_answer_is_asked_again()
    {
        _log.Post(Channel);
        _log.Away = true;
        _node.Hub.Doubt();
        await _node.Settle();
        Assert.Empty(_ada.Heard());
        _log.Away = false;
        _time.Advance(TimeSpan.FromSeconds(1));
        await _node.Repair();
        Assert.Equal([2], _ada.HeardRevisions());
    }

    [Fact]
    public async Task A_conversation_whose_every_event_got_lost_is_found_by_a_doubt()
    {
        var open = Ids.New(TimeProvider.System);
        var group = Ids.New(TimeProvider.System);
        _log.Found(open, open: true);
        _log.Found(group, open: false);
        _log.Join(group, Ada);
        _log.Post(group);
        _node.Hub.Doubt();
        await _node.Repair();
        var heard = _ada.Heard().OfType<ConversationEvent>().ToLookup(told => told.ConversationId, told => told.Revision);
        Assert.Equal([1], heard[open]);
        Assert.Equal([2, 3], heard[group]);
    }

    [Fact]
    public async Task A_new_open_conversation_is_heard_from_its_first_event_on()
    {
        var open = Ids.New(TimeProvider.System);
        var (first, second) = (_log.Found(open, open: true), _log.Post(open));
        _node.Publish(second);
        _node.Publish(first);
        await _node.Settle();
        await _node.Repair();
        Assert.Equal([1, 2], _ada.HeardRevisions());
    }

    [Fact]
    public async Task A_removed_conversation_is_told_to_those_who_read_it_and_nothing_follows()
    {
        var group = Ids.New(TimeProvider.System);
        _node.Publish(_log.Found(group, open: false), _log.Join(group, Ada));
        await _node.Repair();
        _ada.Heard();
        var removed = _log.Delete(group);
        _node.Publish(removed);
        await _node.Settle();
        Assert.Equal(removed, Assert.Single(_ada.Heard()));
    }
}
