using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

public sealed class HubTests : IAsyncLifetime
{
    private static readonly Guid Channel = Ids.New(TimeProvider.System);
    private static readonly Guid Group = Ids.New(TimeProvider.System);
    private static readonly Guid Ada = Ids.New(TimeProvider.System);
    private static readonly Guid Grace = Ids.New(TimeProvider.System);

    private readonly ManualTime _time = new();
    private readonly FakeLog _log = new();
    private RealtimeNode _node = null!;
    private Ear _ada = null!;
    private Ear _grace = null!;

    public async ValueTask InitializeAsync()
    {
        _log.Found(Channel, open: true);
        _log.Found(Group, open: false);
        _log.Join(Group, Ada);
        _node = RealtimeNode.Start(_log, _time);
        _ada = await _node.Listen(Ada);
        _grace = await _node.Listen(Grace);
    }

    public ValueTask DisposeAsync()
    {
        _node.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_open_conversation_is_heard_by_everybody_and_another_by_its_members()
    {
        await Publish(_log.Post(Channel), _log.Post(Group));
        Assert.Equal(2, _ada.Heard().Count);
        Assert.Equal([2], _grace.HeardRevisions());
    }

    [Fact]
    public async Task Who_is_let_in_hears_of_it_and_of_what_follows()
    {
        _log.Post(Group);
        var joined = _log.Join(Group, Grace);
        await Publish(joined, _log.Post(Group));
        await _node.Repair();
        Assert.Equal([joined.Revision, joined.Revision + 1], _grace.HeardRevisions());
    }

    [Fact]
    public async Task Who_is_removed_hears_that_it_is_over_and_nothing_after_it()
    {
        await Publish(_log.Post(Group), _log.Leave(Group, Ada), _log.Post(Group));
        var heard = _ada.Heard();
        Assert.Equal(2, heard.Count);
        Assert.IsType<MessagePosted>(heard[0]);
        Assert.Equal(new ReadingEnded(Ada, Group), heard[1]);
    }

    [Fact]
    public async Task A_removal_older_than_what_was_read_at_the_beginning_does_not_remove()
    {
        await Publish(_log.Join(Group, Grace));
        await _node.Repair();
        _node.Hub.Detach(_ada.Session);
        var (left, joined) = (_log.Leave(Group, Ada), _log.Join(Group, Ada));
        var ada = await _node.Listen(Ada); // has read that it stands at the return, which the node has not told yet
        var post = _log.Post(Group);
        await Publish(left, joined, post);
        Assert.Equal([post], ada.Heard());
        Assert.Contains(left, _grace.Heard());
    }

    [Fact]
    public async Task A_conversation_that_is_closed_to_the_public_is_heard_by_its_members_alone()
    {
        await Publish(_log.Join(Channel, Ada), _log.SetOpen(Channel, open: false), _log.Post(Channel));
        Assert.Equal([2, 3, 4], _ada.HeardRevisions());
        var heard = _grace.Heard();
        Assert.Equal(2, Assert.IsType<MemberChanged>(heard[0]).Revision);
        Assert.Equal(new ReadingEnded(Grace, Channel), Assert.Single(heard.Skip(1)));
    }

    [Fact]
    public async Task A_closing_that_is_found_by_a_repair_lets_nobody_hear_what_came_before_it_late()
    {
        _log.Post(Channel);
        _log.Join(Channel, Ada);
        _log.SetOpen(Channel, open: false);
        await Publish(_log.Post(Channel));
        await _node.Repair();
        await _node.Repair();
        Assert.Equal([2, 3, 4, 5], _ada.HeardRevisions());
        Assert.Equal(new ReadingEnded(Grace, Channel), Assert.Single(_grace.Heard()));
    }

    [Fact]
    public async Task Who_left_before_a_closing_hears_nothing_by_an_older_reading_of_the_members()
    {
        _log.Join(Channel, Ada);
        _log.Join(Channel, Grace);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var node = RealtimeNode.Start(_log, _time, reads: _log.Reads with
        {
            ReadersOf = async (id, ct) =>
            {
                var readers = await _log.Reads.ReadersOf(id, ct);
                if (asked.TrySetResult()) await answer.Task;
                return readers;
            },
        });
        var (ada, grace) = (await node.Listen(Ada), await node.Listen(Grace));
        var (post, closed) = (_log.Post(Channel), _log.SetOpen(Channel, open: false));
        node.Publish(closed); // before its turn, so that a repair is due soon
        node.Publish(post);
        await asked.Task;
        node.Publish(_log.SetOpen(Channel, open: true), _log.Leave(Channel, Ada));
        _time.Advance(TimeSpan.FromMilliseconds(51));
        await node.TimeEnough(); // for a repair beside the reading
        node.Publish(_log.SetOpen(Channel, open: false));
        await node.TimeEnough();
        answer.SetResult();
        await node.Repair();
        node.Publish(_log.Post(Channel));
        await node.Repair();
        Assert.DoesNotContain(ada.HeardRevisions(), revision => revision >= _log.Revision(Channel) - 1);
        Assert.Equal(_log.Revision(Channel), grace.HeardRevisions()[^1]);
    }

    [Fact]
    public async Task A_conversation_that_opens_is_heard_by_everybody_from_then_on()
    {
        var before = _log.Post(Group);
        var opened = _log.SetOpen(Group, open: true);
        await Publish(before, opened, _log.Post(Group));
        await _node.Repair();
        Assert.Equal([3, 4, 5], _ada.HeardRevisions());
        Assert.Contains(opened.Revision, _grace.HeardRevisions());

        await Publish(_log.Leave(Group, Ada), _log.Post(Group));
        Assert.Equal([6, 7], _ada.HeardRevisions());
    }

    [Fact]
    public async Task What_is_meant_for_one_user_reaches_all_sessions_of_that_user_alone()
    {
        var second = await _node.Listen(Ada);
        var moved = new UnreadChanged(Ada, Channel, 1, 0, 0);
        await Publish(moved);
        Assert.Equal(moved, Assert.Single(_ada.Heard()));
        Assert.Equal(moved, Assert.Single(second.Heard()));
        Assert.Empty(_grace.Heard());
    }

    [Fact]
    public async Task A_hint_reaches_those_who_may_read_the_conversation()
    {
        _node.Bus.Whisper(new Nudge(Group));
        _node.Bus.Whisper(new Nudge(Channel));
        _node.Bus.Whisper(new Nudge(null));
        _node.Bus.Whisper(new Nudge(Ids.New(TimeProvider.System)));
        await _node.Settle();
        Assert.Equal([Group, Channel, null], _ada.Heard().Cast<Nudge>().Select(nudge => nudge.ConversationId));
        Assert.Equal([Channel, null], _grace.Heard().Cast<Nudge>().Select(nudge => nudge.ConversationId));
    }

    [Fact]
    public async Task Staff_events_reach_those_who_hold_the_permission_now()
    {
        _log.Moderators.Add(Grace);
        var flagged = new MessageFlagged(Channel, Ids.New(TimeProvider.System), Revision: null);
        _node.Publish(flagged);
        await _node.Heard(_grace, flagged);
        Assert.Empty(_ada.Heard());
    }

    [Fact]
    public async Task Who_loses_the_permission_while_its_holders_are_being_read_does_not_hear()
    {
        _log.Moderators.UnionWith([Ada, Grace]);
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        _log.BeforeAnswer = () => { asked.TrySetResult(); return answer.Task; };
        var flagged = new MessageFlagged(Channel, Ids.New(TimeProvider.System), Revision: null);
        _node.Publish(flagged);
        await asked.Task;
        _log.Moderators.Remove(Grace);
        await _node.Fence(new ControlChange.RolesChanged());
        answer.SetResult();
        await _node.Heard(_ada, flagged);
        Assert.Empty(_grace.Heard());
    }

    [Fact]
    public async Task Of_what_the_word_list_flagged_only_those_moderators_hear_who_may_read_the_conversation()
    {
        _log.Moderators.UnionWith([Ada, Grace]);
        var (secret, open) = (_log.Post(Group), _log.Post(Channel));
        var (within, everywhere) = (Flagged(secret), Flagged(open));
        _node.Publish(secret, within);
        await _node.Heard(_ada, within);
        _node.Publish(open, everywhere);
        await _node.Heard(_ada, everywhere);
        Assert.Equal([open, everywhere], _grace.Heard());
    }

    [Fact]
    public async Task A_moderator_who_is_removed_while_the_holders_are_being_read_hears_of_no_flag_after_it()
    {
        _log.Moderators.UnionWith([Ada, Grace]);
        await Publish(_log.Join(Group, Grace));
        await _node.Repair();
        var post = _log.Post(Group);
        var (asked, answer) = _log.KeepBack(0);
        _node.Publish(post, Flagged(post));
        await asked;
        var removed = _log.Leave(Group, Ada);
        _node.Publish(removed);
        await _node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision));
        answer.SetResult();
        await _node.Heard(_grace, Flagged(post));
        Assert.DoesNotContain(Flagged(post), _ada.Heard());
    }

    [Fact]
    public async Task A_flag_waits_until_the_conversation_has_been_told_up_to_it()
    {
        _log.Moderators.UnionWith([Ada, Grace]);
        await Publish(_log.Join(Channel, Ada));
        _log.SetOpen(Channel, open: false);
        var post = _log.Post(Channel);
        _node.Publish(Flagged(post)); // the closing and the message got lost
        await _node.Repair();
        await _node.Repair();
        await _node.Heard(_ada, Flagged(post));
        Assert.Equal(new ReadingEnded(Grace, Channel), _grace.Heard()[^1]);
    }

    [Fact]
    public async Task Ended_sessions_are_closed_before_the_end_is_acknowledged_and_hear_nothing_more()
    {
        var (second, third) = (await _node.Listen(Ada), await _node.Listen(Ada));
        await _node.Fence(new ControlChange.SessionsEnded(Ada, _ada.Session.SessionId, null, "logged_out"));
        Assert.Equal("logged_out", _ada.Closed?.Text);
        Assert.Null(second.Closed);

        await _node.Fence(new ControlChange.SessionsEnded(Ada, null, Except: third.Session.SessionId, "password_changed"));
        Assert.Equal((4401, "password_changed"), (second.Closed!.Code, second.Closed.Text));
        await Publish(_log.Post(Channel));
        Assert.Single(third.Heard());
        Assert.Empty(_ada.Heard());
        Assert.Empty(second.Heard());
    }

    [Fact]
    public async Task Who_leaves_hears_nothing_more_and_may_leave_twice()
    {
        _node.Hub.Detach(_ada.Session);
        _node.Hub.Detach(_ada.Session);
        await Publish(_log.Post(Channel), _log.Post(Group));
        Assert.Empty(_ada.Heard());
        Assert.Single(_grace.Heard());
    }

    [Fact]
    public async Task The_number_of_a_users_sessions_is_told_as_it_changes()
    {
        var counts = new List<int>();
        _node.Hub.SessionsChanged += (userId, count) => { if (userId == Ada) counts.Add(count); };
        var second = await _node.Listen(Ada);
        _node.Hub.Detach(_ada.Session);
        _node.Hub.Detach(second.Session);
        await _node.Settle();
        Assert.Equal([2, 1, 0], counts);
    }

    [Fact]
    public async Task A_slow_consumer_is_cut_without_costing_the_others()
    {
        for (var i = 0; i <= Outbox.MostFrames; i++)
        {
            await Publish(_log.Post(Channel));
            Assert.Single(_grace.Heard());
        }
        Assert.Equal(CloseReason.TooSlow, _ada.Closed);
        Assert.Null(_grace.Closed);
    }

    private static MessageFlagged Flagged(ConversationEvent post) => new(post.ConversationId, ((MessagePosted)post).Message.Id, post.Revision);

    private async Task Publish(params Event[] events)
    {
        _node.Publish(events);
        await _node.Settle();
    }

    private sealed record Nudge(Guid? ConversationId) : Hint(ConversationId);
}
