using System.Text;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>Sessions that begin while things happen: what they read may be old by the time they have read it.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private static readonly Guid Channel = Ids.New(TimeProvider.System);
    private static readonly Guid Group = Ids.New(TimeProvider.System);
    private static readonly Guid Ada = Ids.New(TimeProvider.System);
    private static readonly Guid Grace = Ids.New(TimeProvider.System);

    private readonly ManualTime _time = new();
    private readonly FakeLog _log = new();
    private TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RealtimeNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _log.Found(Channel, open: true);
        _log.Found(Group, open: false);
        _log.Join(Group, Ada);
        _node = RealtimeNode.Start(_log, _time);
    }

    public ValueTask DisposeAsync()
    {
        _node.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_removal_while_the_memberships_are_being_read_holds()
    {
        var (ada, attached) = await BeginSlowly();
        var removed = _log.Leave(Group, Ada);
        _node.Publish(removed);
        await _node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision));
        await Finish(attached);
        _node.Bus.Whisper(new Nudge(Group)); // a hint is told to whoever is subscribed, and no repair corrects that
        _node.Publish(_log.Post(Group));
        await _node.Repair();
        Assert.Empty(ada.Heard());
    }

    [Fact]
    public async Task A_removal_that_is_known_by_its_fence_alone_holds_too()
    {
        var (ada, attached) = await BeginSlowly();
        var removed = _log.Leave(Group, Ada);
        await _node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision));
        await Finish(attached);
        _node.Bus.Whisper(new Nudge(Group));
        _node.Publish(_log.Post(Group));
        await _node.Repair();
        Assert.Empty(ada.Heard());
    }

    [Fact]
    public async Task A_join_while_the_memberships_are_being_read_is_heard()
    {
        var group = Ids.New(TimeProvider.System);
        _log.Found(group, open: false);
        var (ada, attached) = await BeginSlowly();
        var joined = _log.Join(group, Ada);
        _node.Publish(joined);
        await Finish(attached);
        _node.Publish(_log.Post(group));
        await _node.Repair();
        Assert.Contains(3, ada.HeardRevisions());
    }

    [Fact]
    public async Task A_removal_and_a_return_while_the_memberships_are_being_read_leave_the_reader_in()
    {
        var (ada, attached) = await BeginSlowly();
        _node.Publish(_log.Leave(Group, Ada), _log.Join(Group, Ada));
        await Finish(attached);
        await _node.Repair();
        ada.Heard();
        _node.Publish(_log.Post(Group));
        await _node.Settle();
        Assert.Equal([5], ada.HeardRevisions());
    }

    [Fact]
    public async Task What_is_committed_once_the_session_hears_reaches_it_even_if_it_was_posted_before_the_answer()
    {
        var (ada, attached) = await BeginSlowly();
        _node.Publish(_log.Post(Group));
        await Finish(attached);
        var head = _log.Revision(Group);
        _node.Publish(_log.Post(Group));
        await _node.Repair();
        Assert.Contains(head + 1, ada.HeardRevisions());
    }

    [Fact]
    public async Task Once_the_database_is_back_all_sessions_begin_though_they_never_stop_coming()
    {
        _log.Away = true;
        var tries = 0;
        var coming = Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                if (Interlocked.Increment(ref tries) == 1000) _log.Away = false;
                try
                {
                    return await _node.Attach(_node.Ear(Ids.New(TimeProvider.System)));
                }
                catch (IOException)
                {
                    // and comes again
                }
            }
        }));
        Assert.All(await Task.WhenAll(coming).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), Assert.True);
    }

    [Fact]
    public async Task A_conversation_that_closes_while_a_first_session_reads_is_heard_by_its_members()
    {
        _log.Join(Channel, Ada);
        var reads = _log.Reads with
        {
            OpenHeads = async ct =>
            {
                await _answer.Task;
                return await _log.Reads.OpenHeads(ct);
            },
        };
        using var node = RealtimeNode.Start(_log, _time, reads: reads);
        var ada = node.Ear(Ada);
        var attached = node.Attach(ada);
        await node.TimeEnough(); // to read the memberships before what is open
        node.Publish(_log.SetOpen(Channel, open: false));
        await Finish(attached);
        var post = _log.Post(Channel);
        node.Publish(post);
        await node.Settle();
        Assert.Equal([post.Revision], ada.HeardRevisions());
    }

    [Fact]
    public async Task A_conversation_that_opens_while_a_first_session_reads_is_heard()
    {
        var (ada, attached) = await BeginSlowly(answered: 0);
        var opened = _log.SetOpen(Group, open: true);
        _node.Publish(opened);
        await Finish(attached);
        await _node.Repair();
        Assert.Equal([opened.Revision], ada.HeardRevisions());
    }

    [Fact]
    public async Task A_member_hears_all_since_it_came_where_a_removal_passed_while_it_read_and_a_closing_is_found_by_a_repair()
    {
        _log.Join(Group, Grace);
        var (ada, attached) = await BeginSlowly(answered: 0);
        _node.Publish(_log.Leave(Group, Grace));
        await Finish(attached);
        _log.Post(Channel);
        _log.Join(Channel, Ada);
        _node.Publish(_log.SetOpen(Channel, open: false));
        await _node.Repair();
        await _node.Repair();
        Assert.Equal([2, 3, 4], ada.HeardRevisions());
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_is_not_attached()
    {
        var (ada, attached) = await BeginSlowly();
        _log.EndedSessions.Add(ada.Session.SessionId);
        _answer.SetResult();
        Assert.False(await attached);
        Assert.Equal(4401, ada.Closed!.Code);
        _node.Publish(_log.Post(Channel));
        await _node.Settle();
        Assert.Empty(ada.Heard());
    }

    [Fact]
    public async Task A_session_whose_end_is_fenced_meanwhile_is_closed_and_not_attached()
    {
        var (ada, attached) = await BeginSlowly();
        await _node.Fence(new ControlChange.SessionsEnded(Ada, null, null, "suspended"));
        Assert.Equal("suspended", ada.Closed?.Text);
        _answer.SetResult();
        Assert.False(await attached);
    }

    [Fact]
    public async Task The_greeting_leaves_before_every_event_and_only_when_the_session_hears()
    {
        var (ada, attached) = await BeginSlowly(greeting: "hello"u8.ToArray());
        _node.Publish(_log.Post(Channel));
        await _node.Hub.IsQuiet();
        Assert.False(ada.Session.Outbox.TryTake(out _));
        await Finish(attached);
        _node.Publish(_log.Post(Channel));
        await _node.Repair();
        Assert.True(ada.Session.Outbox.TryTake(out var frames));
        Assert.Equal("hello", Encoding.UTF8.GetString(frames.Span[0]));
        Assert.True(frames.Length > 1);
    }

    [Fact]
    public async Task A_second_session_waits_for_the_admission_of_the_first()
    {
        var (_, attached) = await BeginSlowly();
        var second = _node.Ear(Ada);
        var alsoAttached = _node.Attach(second);
        await _node.Hub.IsQuiet();
        Assert.False(alsoAttached.IsCompleted);
        await Finish(attached);
        Assert.True(await alsoAttached);
        _node.Publish(_log.Post(Group));
        await _node.Settle();
        Assert.Equal([3], second.HeardRevisions());
    }

    [Fact]
    public async Task Where_the_memberships_can_not_be_read_nobody_is_attached_and_the_next_try_succeeds()
    {
        _log.Away = true;
        var ada = _node.Ear(Ada);
        await Assert.ThrowsAsync<IOException>(() => _node.Attach(ada));
        _log.Away = false;
        var second = await _node.Listen(Ada);
        _node.Publish(_log.Post(Group));
        await _node.Settle();
        Assert.Single(second.Heard());
        Assert.Empty(ada.Heard());
    }

    [Fact]
    public async Task Admissions_that_race_with_joins_removals_and_posts_end_as_the_database_says()
    {
        _log.BeforeAnswer = async () => await Task.Yield();
        for (var round = 0; round < 1000; round++)
        {
            var ear = _node.Ear(Grace);
            var attaching = Task.Run(() => _node.Attach(ear));
            var changing = Task.Run(() => Toggle(Grace, times: 1 + (round % 3)));
            await Task.WhenAll(attaching, changing);
            await _node.Repair();
            ear.Heard();
            // What was posted after the memberships were read and told before they were taken over is a gap that shows only now.
            var post = _log.Post(Group);
            _node.Publish(post);
            await _node.Repair();
            Assert.Equal(_log.MayRead(Group, Grace), ear.HeardRevisions().Contains(post.Revision));
            _node.Hub.Detach(ear.Session);
        }
    }

    private async Task Toggle(Guid userId, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var change = _log.MayRead(Group, userId) ? _log.Leave(Group, userId) : _log.Join(Group, userId);
            _node.Publish(change);
            await Task.Yield();
            _node.Publish(_log.Post(Group));
        }
    }

    /// <param name="answered">How many of the questions of a first session (what is open, then its memberships) are answered; the next is read, its answer on its way.</param>
    private async Task<(Ear Ear, Task<bool> Attached)> BeginSlowly(byte[]? greeting = null, int answered = 1)
    {
        (var asked, _answer) = _log.KeepBack(answered);
        var ear = _node.Ear(Ada, greeting);
        var attached = _node.Attach(ear);
        await asked;
        return (ear, attached);
    }

    private async Task Finish(Task<bool> attached)
    {
        _answer.SetResult();
        Assert.True(await attached);
    }

    private sealed record Nudge(Guid? ConversationId) : Hint(ConversationId);
}
