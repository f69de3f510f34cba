using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Channels;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>The real log, the real repair and two nodes over one PostgreSQL, joined by a network that loses, doubles and reorders.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private LogScene _scene = null!;
    private Database _again = null!;
    private Node _here = null!;
    private Node _there = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _scene = await LogScene.On(Engine.Postgres);
        _again = _scene.Test.OpenAgain();
        var network = new LossyNetwork(seed: 11, NetworkManners.Bad);
        (_here, _there) = (new Node(_scene.Database, network.Join()), new Node(_again, network.Join()));
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _again.DisposeAsync();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task Everybody_hears_all_that_they_may_read_in_order_and_once()
    {
        var people = await _scene.People(4);
        var (open, closed) = (await _scene.OpenChannel(), await _scene.PrivateChannel(people[0], people[1]));
        var ears = await Task.WhenAll(people.SelectMany(who => new[] { _here.Listen(who), _there.Listen(who) }));

        await Task.WhenAll(people.Select((who, i) => Chat(i % 2 == 0 ? _here : _there, who, i < 2 ? [open, closed] : [open])));
        var posted = new[] { await _here.Post(people[0], open), await _there.Post(people[1], closed) };

        foreach (var ear in ears)
        {
            var reads = ear.UserId == people[0].UserId || ear.UserId == people[1].UserId ? 2 : 1;
            for (var i = 0; i < reads; i++) await ear.Hears(i == 0 ? open : closed, posted[i].Revision, Ct);
            ear.Judge(closed, mayRead: reads == 2);
            Assert.Equal(await Standing(open), ear.Messages(open));
            Assert.Equal(reads == 2 ? await Standing(closed) : [], ear.Messages(closed));
        }
    }

    [Fact]
    public async Task Removed_member_receives_nothing_more_on_any_node()
    {
        var manager = await _scene.Person(Permissions.ManageChannels);
        var ada = await _scene.Person();
        var channel = await _scene.PrivateChannel(manager, ada);
        var ear = await _there.Listen(ada);
        for (var round = 0; round < 10; round++)
        {
            var writing = Chat(_here, manager, [channel]);
            Assert.True((await _here.Channels.RemoveMember(manager, channel, ada.UserId, Ct)).Ok);
            await ear.Ends(round + 1, Ct);
            var heard = ear.Count(channel);
            await writing;
            await _there.Post(manager, channel);
            Assert.Equal(heard, ear.Count(channel));

            Assert.True((await _here.Channels.AddMember(manager, channel, ada.UserId, Ct)).Ok);
            await ear.Hears(channel, (await _here.Post(manager, channel)).Revision, Ct);
        }
    }

    private static async Task Chat(Node node, Caller who, Guid[] channels)
    {
        for (var i = 0; i < 40; i++)
        {
            var channel = channels[i % channels.Length];
            var posted = await node.Post(who, channel);
            if (i % 5 == 0) await node.Log.React(who, new AddReaction(posted.MessageId, "🦉"), Ct);
            if (i % 7 == 0) await node.Log.Edit(who, new EditMessage(channel, posted.MessageId, $"edited {i}"), Ct);
        }
    }

    private Task<List<Guid>> Standing(Guid channel) => _scene.Database.Read(sql => sql.All(
        "select id from messages where conversation_id = @id order by server_sequence", row => row.Uuid(0), ("id", channel)));

    /// <summary>As one process has it, without what does not concern events.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly RecordingWire _wire = new();
        private readonly Hub _hub;

        public Node(Database database, INodeBus bus)
        {
            var reads = new FeedReads(database, new ChangesSince(database));
            _hub = new Hub(
                new RealtimeReads
                {
                    ChangesSince = reads.Changes,
                    Heads = reads.Heads,
                    OpenHeads = reads.OpenHeads,
                    Memberships = reads.Memberships,
                    JoinedSince = reads.JoinedSince,
                    ReadersOf = reads.ReadersOf,
                    SessionStands = (_, _, _) => Task.FromResult(true),
                    HoldersOf = (_, _) => Task.FromResult<IReadOnlyCollection<Guid>>([]),
                },
                new RealtimeOptions { SweepEvery = TimeSpan.FromMilliseconds(300) }, TimeProvider.System, NullLogger<Hub>.Instance);
            bus.Connect(new NodeReceiver(_hub.Accept, _hub.Hear, _hub.Apply));
            var limits = new RateLimits(LogScene.NoLimits, TimeProvider.System);
            Log = LogScene.LogOver(database, bus, limits);
            Channels = new ChannelDirectory(database, Log, new Control(bus), limits, TimeProvider.System);
            _hub.Start();
        }

        public MessageLog Log { get; }

        public ChannelDirectory Channels { get; }

        public async Task<Witness> Listen(Caller who)
        {
            var session = new OutboxSession(who.UserId, who.SessionId, _wire, new Outbox());
            Assert.True(await _hub.Attach(session, Ct));
            return new Witness(session, _wire);
        }

        public async Task<PostResult> Post(Caller who, Guid channel) => (await Log.Post(who, new PostMessage(channel, "hello"), Ct)).Value;

        public async ValueTask DisposeAsync()
        {
            await Log.DisposeAsync();
            _hub.Dispose();
        }
    }

    /// <summary>Writes down all that a session is told.</summary>
    private sealed class Witness
    {
        private readonly Lock _lock = new();
        private readonly List<ConversationEvent> _heard = [];
        private int _ended;
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Witness(OutboxSession session, RecordingWire wire)
        {
            UserId = session.UserId;
            _ = SessionWriter.Run(session.Outbox, (frames, _) =>
            {
                foreach (var frame in frames.Span)
                    Hear(wire.Decode(frame));
                return ValueTask.CompletedTask;
            });
        }

        public Guid UserId { get; }

        public int Count(Guid channel)
        {
            lock (_lock) return _heard.Count(told => told.ConversationId == channel);
        }

        public List<Guid> Messages(Guid channel)
        {
            lock (_lock)
                return [.. _heard.OfType<MessagePosted>().Where(told => told.ConversationId == channel)
                    .OrderBy(told => told.Message.Sequence).Select(told => told.Message.Id).Distinct()];
        }

        public Task Hears(Guid channel, long revision, CancellationToken ct) =>
            Until(() => _heard.Any(told => told.ConversationId == channel && told.Revision >= revision), ct);

        public Task Ends(int times, CancellationToken ct) => Until(() => _ended == times, ct);

        public void Judge(Guid closed, bool mayRead)
        {
            lock (_lock)
                foreach (var conversation in _heard.GroupBy(told => told.ConversationId))
                {
                    Assert.True(mayRead || conversation.Key != closed);
                    var revisions = conversation.Select(told => told.Revision).ToList();
                    Assert.Equal(revisions.Distinct().Order(), revisions);
                }
        }

        private async Task Until(Func<bool> holds, CancellationToken ct)
        {
            while (true)
            {
                Task more;
                lock (_lock)
                {
                    if (holds()) return;
                    more = _more.Task;
                }
                await more.WaitAsync(TimeSpan.FromSeconds(60), ct);
            }
        }

        private void Hear(Event told)
        {
            lock (_lock)
            {
                if (told is ReadingEnded) _ended++;
                else if (told is ConversationEvent committed) _heard.Add(committed);
                _more.SetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
