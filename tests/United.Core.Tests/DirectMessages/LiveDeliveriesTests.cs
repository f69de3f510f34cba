using Microsoft.Extensions.Logging.Abstractions;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>What connections took leaves the offline queue; what they may not have taken shows there.</summary>
public sealed class LiveDeliveriesTests
{
    [Theory, EachDatabase]
    public async Task What_a_connection_took_that_lives_on_never_shows(Engine engine)
    {
        await using var node = await Node.On(engine);
        var sent = await node.SendToConnected();

        await node.Pass(LiveDeliveries.Sure - LiveDeliveries.Round);
        Assert.Equal(1, await node.Entries());
        await node.Pass(2 * LiveDeliveries.Round);
        await Node.Until(async () => await node.Entries() == 0);

        await node.Pass(OfflineQueue.Doubt);
        Assert.DoesNotContain(sent, await node.Dm.Waiting(node.Bob));
    }

    [Theory, EachDatabase]
    public async Task What_a_connection_had_that_ended_shows_at_once(Engine engine)
    {
        await using var node = await Node.On(engine);
        var sent = await node.SendToConnected();
        Assert.Empty(await node.Dm.Waiting(node.Bob));

        node.Live.Count(node.Bob.UserId, 0);
        await Node.Until(async () => (await node.Dm.Waiting(node.Bob)).Contains(sent));

        // Who comes back meanwhile does not vouch for the connection before.
        node.Live.Count(node.Bob.UserId, 1);
        await node.Pass(OfflineQueue.Doubt);
        Assert.Equal([sent], await node.Dm.Waiting(node.Bob));
    }

    [Theory, EachDatabase]
    public async Task Who_has_just_come_or_is_not_here_took_nothing(Engine engine)
    {
        await using var node = await Node.On(engine);
        var before = await node.Send();
        node.Live.Count(node.Bob.UserId, 1);
        var just = await node.Send();

        await node.Pass(OfflineQueue.Doubt);
        Assert.Equal([before, just], await node.Dm.Waiting(node.Bob));
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly ManualTime _time;
        private readonly Hub _hub;

        private Node(DmScene dm, ManualTime time, (Caller Ada, Caller Bob, Guid Id) pair)
        {
            (Dm, _time, Ada, Bob, Id) = (dm, time, pair.Ada, pair.Bob, pair.Id);
            _hub = new Hub(Nothing(), new RealtimeOptions(), time, NullLogger<Hub>.Instance);
            Live = new LiveDeliveries(dm.Queue, _hub, time, NullLogger<LiveDeliveries>.Instance);
        }

        public DmScene Dm { get; }

        public LiveDeliveries Live { get; }

        public Caller Ada { get; }

        public Caller Bob { get; }

        private Guid Id { get; }

        public static async Task<Node> On(Engine engine)
        {
            var time = new ManualTime();
            var dm = await DmScene.On(engine, time);
            return new Node(dm, time, await dm.Pair());
        }

        public async Task<Guid> SendToConnected()
        {
            Live.Count(Bob.UserId, 1);
            Dm.OnLine.Add(Bob.UserId);
            await Pass(TimeSpan.FromSeconds(10));
            return await Send();
        }

        public async Task<Guid> Send()
        {
            var sent = await Dm.Send(Ada, Id);
            Live.Hear([new MessagePosted(sent, Open: false)]);
            return sent.Id;
        }

        public Task<long> Entries() => Dm.Scene.Count("select count(*) from dm_offline_queue");

        // A round at a time, as the clock would.
        public async Task Pass(TimeSpan by)
        {
            for (var passed = TimeSpan.Zero; passed < by; passed += LiveDeliveries.Round)
            {
                _time.Advance(LiveDeliveries.Round);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        public static async Task Until(Func<Task<bool>> done)
        {
            while (!await done()) await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Live.DisposeAsync();
            _hub.Dispose();
            await Dm.DisposeAsync();
        }

        private static RealtimeReads Nothing() => new()
        {
            ChangesSince = (_, _) => Task.FromResult<IReadOnlyList<Missed>>([]),
            Heads = (_, _) => Task.FromResult<IReadOnlyList<Head>>([]),
            OpenHeads = _ => Task.FromResult<IReadOnlyList<OpenHead>>([]),
            Memberships = (_, _) => Task.FromResult<IReadOnlyList<Membership>>([]),
            JoinedSince = (_, _) => Task.FromResult<IReadOnlyList<Membership>>([]),
            ReadersOf = (_, _) => Task.FromResult<Readers?>(null),
            SessionStands = (_, _, _) => Task.FromResult(true),
            HoldersOf = (_, _) => Task.FromResult<IReadOnlyCollection<Guid>>([]),
        };
    }
}
